// LearnCard's validators: the shape of a document, no signature.
import {
  AchievementCredentialValidator,
  BitstringStatusListCredentialSubjectValidator,
  BitstringStatusListEntryValidator,
  VCValidator,
} from '@learncard/types';

/** Answers {ok, why}. */
export function check(document) {
  const parts = document.type.includes('OpenBadgeCredential')
    ? [
        [AchievementCredentialValidator, document],
        [BitstringStatusListEntryValidator, document.credentialStatus],
      ]
    : [[BitstringStatusListCredentialSubjectValidator, document.credentialSubject]];
  const issues = [[VCValidator, document], ...parts].flatMap(([v, part]) => v.safeParse(part).error?.issues ?? []);
  return {ok: issues.length === 0, why: issues.map(i => `${i.path.join('.')}: ${i.message}`).join('; ')};
}
