/*
 * What can come of a key, an account and a policy, and how it is called.
 * The codes are stable: they stand in logs and in --json.  Pure.
 */
#ifndef POLICY_VERDICT_H
#define POLICY_VERDICT_H

#include <stdint.h>

enum verdict {
	VERDICT_ALLOWED = 0,
	/* Of the key, whoever asks. */
	VERDICT_NOT_FOUND, /* no source holds it */
	VERDICT_REFUSED, /* it can't be used; the record has the code */
	VERDICT_DENIED, /* in the list of denied keys, or a document's deny */
	VERDICT_STALE, /* its records no longer count */
	VERDICT_TAGS, /* its tags can't be read; detail: tags_refusal */
	VERDICT_TAG_EXPIRED, /* its `expires:` is past */
	VERDICT_TYPE, /* not one of keys.types */
	VERDICT_RSA_BITS, /* under keys.rsa_min_bits */
	VERDICT_NO_DATE, /* keys.max_age, and no date of creation */
	VERDICT_MAX_AGE, /* over keys.max_age */
	VERDICT_NO_OWNER, /* keys.require_member, and no owner known */
	VERDICT_NOT_MEMBER, /* keys.require_member, and the owner is none */
	VERDICT_NO_ACCOUNT, /* nothing lets it open any account */
	/* Of the key and the account. */
	VERDICT_TAG_USER, /* its `user:` names others */
	VERDICT_NO_DOCUMENT, /* a document is asked for that never was valid */
	VERDICT_NO_RULE, /* no rule names the account */
	VERDICT_ACCOUNT, /* the rules let it open other accounts only */
	/* Of a rule's condition. */
	VERDICT_SOURCE,
	VERDICT_OWNER,
	VERDICT_TAG,
	VERDICT_ROLE,
	VERDICT_MEMBERS, /* the members are not known, or too long ago */
	VERDICT_GROUP, /* the account is not in the group */
	VERDICT_OPTIONS, /* options can't be merged; detail: options_clash */
	VERDICT_OPTIONS_EXPIRED, /* expiry-time is past */
	VERDICT_COUNT
};

/* A verdict with its time: until then it holds, if the key is allowed. */
struct ruling {
	enum verdict verdict;
	unsigned detail; /* 0, or as said above */
	int64_t until_ms;
};

/* A short stable word such as "not-member" or, with a detail, "tag-from". */
const char *verdict_code(enum verdict v, unsigned detail);
/* For a person: "its owner is no member of the project". */
const char *verdict_text(enum verdict v, unsigned detail);

#endif
