/* SPDX-License-Identifier: ISC */
#include <stddef.h>

#include "policy/options.h"
#include "policy/tags.h"
#include "policy/verdict.h"

static const struct {
	const char *code, *text;
} words[VERDICT_COUNT] = {
    [VERDICT_ALLOWED] = {"allowed", "is allowed"},
    [VERDICT_NOT_FOUND] = {"not-found", "no source holds the key"},
    [VERDICT_REFUSED] = {"refused", "the key can't be used"},
    [VERDICT_DENIED] = {"denied", "the key is denied"},
    [VERDICT_STALE] = {"stale", "its sources were last confirmed too long ago"},
    [VERDICT_TAGS] = {"tags", "its tags can't be read"},
    [VERDICT_TAG_EXPIRED] = {"tag-expired", "the date of its tag is past"},
    [VERDICT_TYPE] = {"key-type", "keys.types does not have its type"},
    [VERDICT_RSA_BITS] = {"rsa-bits", "shorter than keys.rsa_min_bits"},
    [VERDICT_NO_DATE] = {"no-date",
	"keys.max_age is set and no record says when it was made"},
    [VERDICT_MAX_AGE] = {"max-age", "older than keys.max_age"},
    [VERDICT_NO_OWNER] = {"no-owner",
	"keys.require_member is set and no record says whose it is"},
    [VERDICT_NOT_MEMBER] = {"not-member",
	"its owner is no member of the project"},
    [VERDICT_NO_ACCOUNT] = {"no-account", "no rule lets it open any account"},
    [VERDICT_TAG_USER] = {"tag-user-other",
	"its tags let it open other accounts only"},
    [VERDICT_NO_DOCUMENT] = {"no-document",
	"there has never been a valid document"},
    [VERDICT_NO_RULE] = {"no-rule", "no rule names the account"},
    [VERDICT_ACCOUNT] = {"account",
	"the rules let it open other accounts only"},
    [VERDICT_SOURCE] = {"source", "it is in none of the rule's sources"},
    [VERDICT_OWNER] = {"owner", "its owner is none of the rule's owners"},
    [VERDICT_TAG] = {"tag", "it has none of the rule's tags"},
    [VERDICT_ROLE] = {"role", "its owner has none of the rule's roles"},
    [VERDICT_MEMBERS] = {"members-unknown",
	"the project's members are not known, or were too long ago"},
    [VERDICT_GROUP] = {"group", "the account is not in the group"},
    [VERDICT_OPTIONS] = {"options", "its options can't be merged"},
    [VERDICT_OPTIONS_EXPIRED] = {"options-expired",
	"expiry-time of the rule's options is past"},
};

const char *
verdict_code(enum verdict v, unsigned detail)
{
	if (v == VERDICT_TAGS && detail != TAGS_OK)
		return tags_refusal_code((enum tags_refusal)detail);
	if (v == VERDICT_OPTIONS && detail != OPTIONS_MERGED)
		return options_clash_code((enum options_clash)detail);
	return (unsigned)v < VERDICT_COUNT ? words[v].code : "unknown";
}

const char *
verdict_text(enum verdict v, unsigned detail)
{
	if (v == VERDICT_TAGS && detail != TAGS_OK)
		return tags_refusal_text((enum tags_refusal)detail);
	if (v == VERDICT_OPTIONS && detail != OPTIONS_MERGED)
		return options_clash_text((enum options_clash)detail);
	return (unsigned)v < VERDICT_COUNT ? words[v].text : "unknown";
}
