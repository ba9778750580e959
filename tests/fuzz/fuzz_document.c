/* SPDX-License-Identifier: ISC */
/*
 * Any bytes as a policy document.  What is taken is what jansson takes, too,
 * and holds only what it may; each error has its place; each place that is
 * found is that of the value.
 */
#include <stdint.h>
#include <string.h>

#include "policy/document.h"
#include "policy/position.h"
#include "tests/fuzz/oracle.h"

#define VALUES 100 /* looked for in one input */
#define DEPTH 6

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct walk {
	const char *text;
	size_t len, steps[DEPTH], depth, values;
};

static void look(struct walk *w, json_t *value, const char *name);

static void
look_inside(struct walk *w, json_t *value)
{
	const char *name;
	json_t *member;
	size_t i = 0;

	if (w->depth == DEPTH)
		return;
	w->depth++;
	json_object_foreach(value, name, member)
	{
		w->steps[w->depth - 1] = i++;
		look(w, member, name);
	}
	json_array_foreach(value, i, member)
	{
		w->steps[w->depth - 1] = i;
		look(w, member, NULL);
	}
	w->depth--;
}

/* What stands at the offset, read by jansson, is the value. */
static void
look(struct walk *w, json_t *value, const char *name)
{
	json_error_t e;
	json_t *found;
	size_t offset;

	if (w->values++ > VALUES)
		return;
	CHECK(
	    position_find(w->text, w->len, w->steps, w->depth, false, &offset));
	CHECK(offset < w->len);
	found = json_loadb(w->text + offset, w->len - offset,
	    JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &e);
	CHECK(found != NULL && json_equal(found, value));
	json_decref(found);
	if (name != NULL) {
		CHECK(position_find(
		    w->text, w->len, w->steps, w->depth, true, &offset));
		found = json_loadb(w->text + offset, w->len - offset,
		    JSON_DECODE_ANY | JSON_DISABLE_EOF_CHECK, &e);
		CHECK(json_is_string(found));
		CHECK(strcmp(json_string_value(found), name) == 0);
		json_decref(found);
	}
	look_inside(w, value);
}

static void
check_rules(const struct policy_rules *rules, bool star)
{
	const struct policy_rule *r;
	struct buf b;
	size_t i, j;

	for (i = 0; i < rules->n; i++) {
		r = &rules->v[i];
		CHECK(policy_name_ok(r->name, strlen(r->name)) ||
		    (star && strcmp(r->name, "*") == 0));
		CHECK(policy_rule_named(rules, r->name) == r);
		buf_init(&b, LIMIT_OPTIONS);
		CHECK(options_build(&r->options, &b) == 0);
		for (j = 0; j < b.len; j++)
			CHECK(b.data[j] >= 0x20 && b.data[j] != 0x7f);
		buf_free(&b);
	}
}

static void
check_policy(const struct policy *p)
{
	const struct policy_rule *root = policy_user_rule(p, "root");
	size_t i;

	check_rules(&p->users, true);
	check_rules(&p->groups, false);
	CHECK(root == NULL || strcmp(root->name, "root") == 0);
	for (i = 0; i < p->keys.ndeny; i++)
		CHECK(policy_denies(p, p->keys.deny[i]));
}

static void
check_empty(const struct policy *p)
{
	CHECK(p->users.n == 0 && p->groups.n == 0 && p->keys.ndeny == 0);
	CHECK(p->keys.deny == NULL && p->users.v == NULL);
}

static void
check_parse(const char *text, size_t len, const json_t *root)
{
	struct error err = {""};
	struct policy p;

	switch (policy_parse(&p, text, len, &err)) {
	case POLICY_OK:
		CHECK(root != NULL);
		check_policy(&p);
		break;
	case POLICY_INVALID:
		CHECK(strncmp(err.text, "line ", 5) == 0);
		CHECK(root != NULL || strstr(err.text, "not JSON: ") != NULL ||
		    strstr(err.text, ": stands there twice") != NULL);
		check_empty(&p);
		break;
	default:
		abort();
	}
	policy_free(&p);
	if (policy_parse_member(&p, "ssh_policy", text, len, &err) == POLICY_OK)
		check_policy(&p);
	else
		check_empty(&p);
	policy_free(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	char *text = oracle_copy(data, len);
	struct walk w = {.text = text, .len = len};
	json_error_t e;
	json_t *root = NULL;
	char path[64];
	size_t at;

	if (memchr(text, '\0', len) == NULL)
		root = json_loadb(text, len, JSON_REJECT_DUPLICATES, &e);
	check_parse(text, len, root);
	if (root != NULL)
		look(&w, root, NULL);
	/* Of what is no JSON at all the walkers only have to come back. */
	(void)position_find(text, len, (const size_t[]){1, 0}, 2, true, &at);
	CHECK(at <= len);
	(void)position_path(text, len, len / 2, path, sizeof(path), &at);
	CHECK(at <= len && strlen(path) < sizeof(path));
	json_decref(root);
	free(text);
	return 0;
}
