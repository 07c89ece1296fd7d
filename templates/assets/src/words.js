// The sentences that follow from a check, in both languages: [zh, en]. Sentences of verdicts stand in the pages.

export const words = {
  results: {pass: ['通过', 'Passed'], fail: ['未通过', 'Failed'], skip: ['未核对', 'Not checked'], pending: ['核对中', 'Checking']},

  labels: {
    course: {type: ['课程证书', 'Course certificate'], achievement: ['课程', 'Course'], result: ['完成率', 'Completion rate']},
    exam: {type: ['考试证书', 'Exam certificate'], achievement: ['考试', 'Exam'], result: ['成绩', 'Score']},
    achievement: {type: ['荣誉证书', 'Award certificate'], achievement: ['荣誉', 'Award'], result: ['成绩', 'Score']},
  },

  eyebrow: {
    valid: ['已核验的内容', 'Verified facts'],
    invalid: ['文件自称的内容，未经证实', 'What the file claims. Not confirmed.'],
    unavailable: ['签名文件所载内容，尚未核验', 'As signed, not checked'],
    checking: ['签名文件所载内容，尚未核验', 'As signed, not checked'],
    other: ['证书所载内容', 'What the certificate says'],
  },

  chip: {expired: ['已过期', 'Expired']},

  line: {
    'number-pass': ['书写正确，与签名文件一致。', 'Well formed, and the same as in the signed file.'],
    'number-fail': ['与签名文件中的编号不一致。', 'Not the number in the signed file.'],
    'proof-pass': ['与内容一致，签名后未被改动。', 'Matches the content. Nothing has changed since it was signed.'],
    'proof-fail': ['与内容不符，证书不可信。', 'Does not match the content. Not to be trusted.'],
    'key-pass': host => [`由 ${host} 公布，签名时有效。`, `Published by ${host}, in force when it was signed.`],
    'key-older': host => [`由 ${host} 公布，后因失窃作废；日志证明证书早于失窃。`, `Published by ${host}, later revoked as stolen; the log shows that the certificate is older.`],
    'key-stolen': ['密钥已因失窃作废，日志不能证明证书早于失窃。', 'Revoked as stolen; the log does not show that the certificate is older.'],
    'key-fail': ['不是该机构公布的密钥。', 'Not a key that the issuer publishes.'],
    'dates-pass': ['已生效，未到期。', 'In force, not expired.'],
    'dates-expired': ([zh, en]) => [`已于${zh}到期。`, `Expired on ${en}.`],
    'dates-early': ['尚未生效。', 'Not yet in force.'],
    'status-pass': ['未被撤销，也未被暂停。', 'Neither revoked nor suspended.'],
    'status-revoked': ([on, [zhWhy, enWhy]]) => [`${on ? on[0] : '已'}被颁发机构撤销${zhWhy}。`, `Revoked by the issuer${on ? ' on ' + on[1] : ''}${enWhy}.`],
    'status-suspended': ([on, [zhWhy, enWhy]]) => [`${on ? on[0] + '起' : '已'}被颁发机构暂停${zhWhy}。`, `Suspended by the issuer${on ? ' since ' + on[1] : ''}${enWhy}.`],
    'status-superseded': ([[zh, en]]) => [`${zh}换发，本证书随之撤销。`, `Replaced on ${en}, and revoked thereby.`],
    'log-pass': n => [`已记为第 ${n} 条，内容一致。`, `Recorded as entry ${n}, and the record matches.`],
    'log-missing': ['日志中没有这份证书的记录。', 'The log has no record of this certificate.'],
    'log-differs': ['日志中的记录与证书不符。', 'The record does not match the certificate.'],
    'log-fork': ['日志被改写过，现在的日志里没有这条记录。', 'The log has been rewritten: the record is not in it any more.'],
    'log-erased': ['证书内容已删除，记录的证明也随之移除，未核对。', 'Its proof was removed together with its content. Not checked.'],
    pending: ['…', '…'],
    none: ['文件无法读取，未核对。', 'The file cannot be read. Not checked.'],
    unread: ['文件没有取到，未核对。', 'Its file could not be loaded. Not checked.'],
    'after-number': ['编号未通过，没有继续核对。', 'Not checked, because the number failed.'],
    'after-proof': ['签名未通过，没有继续核对。', 'Not checked, because the signature failed.'],
    'after-key': ['密钥未通过，没有继续核对。', 'Not checked, because the key failed.'],
  },

  signed: ([zh, en]) => [`，签于${zh}`, `, signed on ${en}`],
  lists: ([zh, en]) => [`清单时间${zh}。`, ` The lists are as of ${en}.`],
  logged: ({size, witnesses}, [zhAt, enAt], [zhAs, enAs]) => [
    `这份证书记录于${zhAt}。截至${zhAs}，日志共有 ${size} 条记录${witnesses.length ? `，并有 ${witnesses.join('、')} 见证` : ''}。`,
    ` This one was recorded on ${enAt}. As of ${enAs}, the log has ${size} entr${size === 1 ? 'y' : 'ies'}${witnesses.length ? `, witnessed by ${witnesses.join(' and ')}` : ''}.`],
  recorded: ([zh, en]) => [`（${zh}记入日志）`, `(recorded on ${en})`],
  copied: ['已复制', 'Copied'],
};

const zhCount = ['零', '一', '两', '三', '四', '五', '六'];
const enCount = ['no', 'one', 'two', 'three', 'four', 'five', 'six'];
const capital = s => s[0].toUpperCase() + s.slice(1);

/** One sentence on all checks, from their results. */
export function tally(results) {
  const all = Object.values(results);
  const count = result => all.filter(r => r.result === result).length;
  if (count('pending')) return ['正在您的浏览器中逐项核对。', 'Your browser is working through the list.'];
  const passed = count('pass'), failed = count('fail');
  const after = all.filter(r => /^after/.test(r.why)).length, unread = all.filter(r => r.why === 'unread').length;
  const checks = n => `${enCount[n]} check${n === 1 ? '' : 's'}`;
  const were = n => n === 1 ? 'was' : 'were';
  if (after) {
    return [`${zhCount[failed]}项未通过，其后${zhCount[after]}项没有继续。`,
      `${capital(checks(failed))} failed, so the ${enCount[after]} after it ${were(after)} not made.`];
  }
  if (unread) {
    return [`有文件未能取到，${zhCount[unread]}项没有完成。`, `Some files could not be loaded, so ${checks(unread)} ${were(unread)} not made.`];
  }
  if (failed) {
    return [`${zhCount[passed]}项通过，${zhCount[failed]}项未通过，均在您的浏览器中完成。`,
      `${capital(checks(passed))} passed and ${enCount[failed]} did not, in your own browser.`];
  }
  return ['六项全部通过，均在您的浏览器中完成。', 'All six checks passed, in your own browser.'];
}
