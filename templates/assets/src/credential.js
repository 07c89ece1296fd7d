// What the page shows of a credential, and the shape that it must have for that.

import {readInstant} from './dates.js';
import {listBits} from './status.js';

const kinds = {Course: 'course', Assessment: 'exam', Achievement: 'achievement'};

/** The facts of a parsed credential. Throws where it is not of the shape that Laurel signs. */
export function readFacts(json) {
  const {credentialSubject: subject, credentialStatus: status} = json;
  const {achievement} = subject;
  const names = subject.identifier.filter(i => i.identityType === 'name' && i.hashed === false);
  const [result] = subject.result || [];
  const [scale] = achievement.resultDescription || [];
  const facts = {
    id: json.id,
    number: subject.licenseNumber,
    recipient: names[0].identityHash,
    title: json.name,
    type: achievement.achievementType,
    achievement: achievement.name,
    result: result ? result.value : '',
    most: result && achievement.achievementType === 'Assessment' ? scale.valueMax : '',
    issued: json.validFrom.slice(0, 10),
    expires: 'validUntil' in json ? json.validUntil.slice(0, 10) : '',
    issuer: json.issuer.name,
    criteria: achievement.criteria.narrative,
    issuerID: json.issuer.id,
    listURL: status.statusListCredential,
    entryID: status.id,
  };
  const instants = [json.validFrom, ...'validUntil' in json ? [json.validUntil] : []].map(readInstant);
  if (Object.values(facts).some(v => typeof v !== 'string') || instants.some(isNaN) || names.length !== 1) throw new Error('not of the shape');
  if (status.type !== 'BitstringStatusListEntry' || status.statusPurpose !== 'revocation' ||
      !/^(0|[1-9]\d{0,5})$/.test(status.statusListIndex) || status.statusListIndex >= listBits) throw new Error('no status entry');
  if (!json.type.includes('VerifiableCredential') || !json.type.includes('OpenBadgeCredential')) throw new Error('no badge');
  [facts.from, facts.until = Infinity] = instants;
  facts.kind = kinds[facts.type] || 'achievement';
  facts.index = Number(status.statusListIndex);
  return facts;
}
