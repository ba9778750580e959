/* SPDX-License-Identifier: ISC */
#include <syslog.h>

#include "base/text.h"
#include "cmd/answers_in.h"
#include "cmd/tell.h"
#include "policy/document.h"

/* The document is not to be used: why, in reason.  1; 0: it is; -1. */
static int
judge_document(const struct buf *text, char reason[LIMIT_REASON])
{
	struct policy doc;
	struct error why = {""}, err;

	if (text->len == 0) {
		(void)text_copy(
		    reason, LIMIT_REASON, "the customdata has no ssh_policy");
		return 1;
	}
	switch (policy_parse(&doc, (const char *)text->data, text->len, &why)) {
	case POLICY_OK:
		policy_free(&doc);
		return 0;
	case POLICY_NO_MEMORY:
		return -1;
	default:
		(void)error_set(&err, "ssh_policy: %s", why.text);
		(void)text_copy(reason, LIMIT_REASON, err.text);
		return 1;
	}
}

int
answer_take_document(struct holdings *h, struct portal_source *answer,
    const struct config *cfg, int64_t asked_at)
{
	struct source_state *st = &h->state[SOURCE_FLEET];
	const struct source_state before = *st;
	char reason[LIMIT_REASON];
	int r = judge_document(&answer->policy, reason);

	if (r == -1)
		return -1;
	if (st->checked_ms != 0 || r == 0)
		st->checked_ms = asked_at;
	st->doubted_ms = 0;
	if (r == 0) {
		answer_tell_again(SOURCE_FLEET, &before, asked_at);
		buf_free(&h->policy[GRANT_FLEET]);
		h->policy[GRANT_FLEET] = answer->policy;
		buf_init(&answer->policy, LIMIT_POLICY_FILE);
		st->reason[0] = '\0';
		st->failures = 0;
		st->next_ms = 0;
		st->keys = 1;
		st->outcome = OUTCOME_NEW;
		answer_take_ids(st, answer);
		return 0;
	}
	/* Its mend has to count soon, so there is no growing wait. */
	st->outcome = OUTCOME_FAILED;
	st->next_ms = asked_at + cfg->fresh_ms;
	if (st->failures < UINT32_MAX)
		st->failures++;
	if (st->id[0] == '\0')
		(void)text_copy(st->id, sizeof(st->id), answer->id);
	(void)text_copy(st->reason, sizeof(st->reason), reason);
	tell_line(&(struct tell){.code = TELL_BAD_POLICY,
		      .priority = LOG_ERR,
		      .key = tell_key(reason),
		      .always = before.outcome != OUTCOME_FAILED},
	    "source fleet: %s (%s)", reason,
	    st->checked_ms != 0 ? "the last valid document stays in force"
				: "there has never been a valid document: no "
				  "key opens any account");
	return 0;
}
