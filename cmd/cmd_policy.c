/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "cmd/anyfile.h"
#include "cmd/describe.h"
#include "cmd/packet-keys.h"
#include "cmd/policy_diff.h"
#include "cmd/screen.h"
#include "cmd/world.h"
#include "policy/document.h"

#define WHO_WIDTH 32 /* a longer name stands out */

enum { DIFF_SAME = 0, DIFF_CHANGES = 1, DIFF_TROUBLE = 2 };

/*
 * Anybody's file: nothing is decided by it here, so it is not judged as the
 * policy of this machine would be.  0, or -1 after a message.
 */
static int
read_document(const char *path, struct policy *policy)
{
	struct error err = {""};
	struct buf text;
	int r = -1;

	buf_init(&text, LIMIT_POLICY_FILE + 4096);
	if (anyfile_read(path, &text, &err) == -1)
		(void)complain(0, "%s", err.text);
	else if (policy_parse(policy, (const char *)text.data, text.len,
		     &err) != POLICY_OK)
		(void)complain(0, "%s: %s", path, err.text);
	else
		r = 0;
	buf_free(&text);
	return r;
}

static int
check(const char *path)
{
	struct policy policy;

	if (read_document(path, &policy) == -1)
		return 1;
	(void)printf("%s: valid: %zu rule%s for accounts, %zu for groups\n",
	    path, policy.users.n, policy.users.n == 1 ? "" : "s",
	    policy.groups.n);
	policy_free(&policy);
	return screen_end(0, 1);
}

static void
print_change(
    const struct policy_change *c, const struct people *people, size_t width)
{
	char label[DESCRIBE_SIZE], owner[DESCRIBE_SIZE], sources[64],
	    raw[3 * DESCRIBE_SIZE + 2 * LIMIT_OPTIONS],
	    text[3 * DESCRIBE_SIZE + 2 * LIMIT_OPTIONS];
	const char *options = c->after != NULL ? c->after : c->before;
	size_t len;

	(void)snprintf(raw, sizeof(raw), "%c %-*s %s \"%s\" %s (%s)",
	    (char)c->sign, (int)width, c->who, c->key->refs[0].rec->fp,
	    describe_labels(c->key, label, sizeof(label)),
	    describe_owners(people, c->key, owner, sizeof(owner)),
	    source_list(c->key->sources, sources, sizeof(sources)));
	len = strlen(raw);
	if (c->sign == POLICY_OPTIONS)
		(void)snprintf(raw + len, sizeof(raw) - len, " [%s] -> [%s]",
		    c->before, c->after);
	else if (options[0] != '\0')
		(void)snprintf(raw + len, sizeof(raw) - len, " [%s]", options);
	(void)text_clean(text, sizeof(text), raw, strlen(raw));
	(void)puts(text);
}

static json_t *
options_json(const char *options)
{
	return options == NULL ? json_null() : describe_json(options);
}

static json_t *
change_json(const struct policy_change *c, const struct people *people)
{
	char label[DESCRIBE_SIZE], owner[DESCRIBE_SIZE], sources[64];
	const struct keyrec *rec = c->key->refs[0].rec;

	return json_pack(
	    "{s:s, s:o, s:o, s:o, s:s, s:s, s:o, s:o, s:s, s:o, s:o}", "change",
	    c->sign == POLICY_GAINED     ? "gained"
		: c->sign == POLICY_LOST ? "lost"
					 : "options",
	    "account", describe_json(c->who), "user",
	    c->grant.scope == GRANT_ANY ? json_string("*")
					: describe_json(c->grant.name),
	    "groups", describe_groups_json(&c->grant), "fingerprint", rec->fp,
	    "type", describe_type(rec), "label",
	    describe_json(describe_labels(c->key, label, sizeof(label))),
	    "owner",
	    describe_json(
		describe_owners(people, c->key, owner, sizeof(owner))),
	    "sources", source_list(c->key->sources, sources, sizeof(sources)),
	    "before", options_json(c->before), "after", options_json(c->after));
}

static int
print_json_diff(const struct world *w, const struct policy_diff *d,
    const struct people *people)
{
	json_t *changes = json_array();
	size_t i;

	for (i = 0; i < d->n && changes != NULL; i++) {
		if (json_array_append_new(
			changes, change_json(&d->v[i], people)) == -1) {
			json_decref(changes);
			changes = NULL;
		}
	}
	return print_json(json_pack("{s:o, s:o}", "made",
	    stamp_json(w->h.head.made_ms), "changes", changes));
}

static int
print_diff(const struct world *w, const struct policy_diff *d, bool json)
{
	struct people people;
	size_t i, len, width = 0;
	int r = 0;

	if (people_build(&people, w->in.keys, w->in.members) == -1)
		return complain(DIFF_TROUBLE, "no memory");
	if (json)
		r = print_json_diff(w, d, &people);
	for (i = 0; i < d->n; i++) {
		len = strlen(d->v[i].who);
		width = len > width && len <= WHO_WIDTH ? len : width;
	}
	for (i = 0; i < d->n && !json; i++)
		print_change(&d->v[i], &people, width);
	people_free(&people);
	if (r == -1)
		return DIFF_TROUBLE;
	return d->n == 0 ? DIFF_SAME : DIFF_CHANGES;
}

static int
diff_with(const struct world *w, const struct policy *policy, bool json)
{
	struct grants before = {.v = NULL}, after = {.v = NULL};
	struct policy_diff d = {.v = NULL};
	struct judge_input in = w->in;
	int code;

	in.origin[GRANT_FILE] = (struct judge_origin){true, policy, INT64_MAX};
	if (grants_gather(&before, &w->in, NULL) == -1 ||
	    grants_gather(&after, &in, NULL) == -1 ||
	    policy_diff(&d, &before, &after) == -1)
		code = complain(DIFF_TROUBLE, "no memory");
	else
		code = print_diff(w, &d, json);
	policy_diff_free(&d);
	grants_free(&after);
	grants_free(&before);
	return code;
}

static int
diff_in(const struct world *w, const char *path, bool json)
{
	struct policy policy;
	int code;

	if (w->h.found != SNAPSHOT_OK)
		return complain(DIFF_TROUBLE, "no snapshot to compare with: %s",
		    w->h.why.text);
	if (read_document(path, &policy) == -1)
		return DIFF_TROUBLE;
	world_notes(w);
	/* Without them the answer would be that their keys open nothing. */
	if (policy_needs_members(&policy) &&
	    w->h.state[SOURCE_MEMBERS].checked_ms == 0)
		code = complain(DIFF_TROUBLE,
		    "%s needs the members of the project, which this machine "
		    "has not asked for: packet-keys fetch --members",
		    path);
	else
		code = diff_with(w, &policy, json);
	policy_free(&policy);
	return code;
}

static int
diff(const char *config, const char *path, bool json)
{
	static struct world w;
	int code = DIFF_TROUBLE;

	if (world_load(&w, config) == 0)
		code = diff_in(&w, path, json);
	world_free(&w);
	return screen_end(code, DIFF_TROUBLE);
}

int
cmd_policy(const char *config, int argc, char **argv)
{
	const char *operands[2];
	bool json;

	if (parse_json_operands(argc, argv, &json, operands, 2) == 2) {
		if (strcmp(operands[0], "check") == 0 && !json)
			return check(operands[1]);
		if (strcmp(operands[0], "diff") == 0)
			return diff(config, operands[1], json);
	}
	return complain(EXIT_CMD_USAGE,
	    "usage: packet-keys policy check FILE, or policy diff [--json] "
	    "FILE");
}
