/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "cmd/packet-keys.h"
#include "policy/compile.h"
#include "policy/pubkey.h"

struct listing {
	const char *user; /* only this account; NULL: all */
	int64_t now;
	json_t *grants; /* with --json */
	size_t n;
};

static const char *
type_of(const struct keyrec *rec)
{
	struct pubkey pk;

	if (pubkey_parse_blob(rec->blob, rec->bloblen, &pk) != PUBKEY_OK)
		return "?";
	return pubkey_type_name(pk.type);
}

static void
source_words(unsigned sources, char *dst, size_t size)
{
	size_t len = 0;
	unsigned i;

	dst[0] = '\0';
	for (i = 0; i < SOURCE_COUNT; i++) {
		if ((sources & SOURCE_BIT(i)) == 0 || len >= size)
			continue;
		len += (size_t)snprintf(dst + len, size - len, "%s%s",
		    len == 0 ? "" : ",", source_name(i));
	}
}

static json_t *
grant_json(const struct compile_line *line)
{
	const struct keyrec *rec = line->key->refs[0].rec;
	json_t *records = json_array();
	size_t i;

	for (i = 0; i < line->key->n; i++) {
		const struct keyref *ref = &line->key->refs[i];

		(void)json_array_append_new(records,
		    json_pack("{s:s, s:o, "
			      "s:o, s:o, s:o}",
			"source", source_name(ref->source), "id",
			clean_json(ref->rec->id), "label",
			clean_json(ref->rec->label), "owner",
			clean_json(ref->rec->owner), "created",
			stamp_json(ref->rec->created_ms)));
	}
	return json_pack("{s:o, s:s, s:s, s:o, s:o}", "user",
	    clean_json(line->user), "fingerprint", line->fp, "type",
	    type_of(rec), "until", stamp_json(line->until_ms), "records",
	    records);
}

static void
print_grant(const struct compile_line *line)
{
	const struct keyrec *rec = line->key->refs[0].rec;
	char comment[2 * LIMIT_TEXT], clean[2 * LIMIT_TEXT], sources[64];

	source_words(line->key->sources, sources, sizeof(sources));
	(void)compile_comment(line->key, comment, sizeof(comment));
	(void)text_clean(clean, sizeof(clean), comment, strlen(comment));
	(void)printf("%-8s %s %-19s %-23s %s\n", line->user, line->fp,
	    type_of(rec), sources, clean);
}

static int
on_line(void *ctx, const struct compile_line *line)
{
	struct listing *l = ctx;

	if (line->until_ms <= l->now ||
	    (l->user != NULL && strcmp(l->user, line->user) != 0))
		return 0;
	if (l->grants != NULL) {
		if (json_array_append_new(l->grants, grant_json(line)) == -1)
			return -1;
	} else {
		if (l->n == 0)
			(void)printf("%-8s %-50s %-19s %-23s %s\n", "ACCOUNT",
			    "FINGERPRINT", "TYPE", "SOURCES", "LABEL, OWNER");
		print_grant(line);
	}
	l->n++;
	return 0;
}

/* The records that were left out, with the reason. */
static void
list_refused(const struct holdings *h, json_t *out)
{
	char label[LIMIT_TEXT];
	unsigned s;
	size_t i;

	for (s = 0; s < SOURCE_COUNT; s++) {
		for (i = 0; i < h->keys[s].n; i++) {
			const struct keyrec *rec = &h->keys[s].v[i];

			if (rec->refused == NULL)
				continue;
			if (out != NULL) {
				(void)json_array_append_new(out,
				    json_pack("{s:s, s:o, s:o, s:o}", "source",
					source_name(s), "id",
					clean_json(rec->id), "label",
					clean_json(rec->label), "reason",
					clean_json(rec->refused)));
				continue;
			}
			(void)text_clean(label, sizeof(label), rec->label,
			    strlen(rec->label));
			(void)printf("left out: \"%s\" of source %s: %s\n",
			    label, source_name(s), rec->refused);
		}
	}
}

static int
list(const struct config *cfg, const struct holdings *h, struct listing *l,
    bool json)
{
	json_t *refused = NULL;
	struct error err;
	struct merged m;
	int r;

	if (holdings_merge(h, cfg, &m) == -1)
		return complain(-1, "no memory");
	if (json) {
		l->grants = json_array();
		refused = json_array();
	}
	if (config_policy_ok(cfg, &err) == -1)
		r = complain(-1, "no key opens any account: %s", err.text);
	else if ((r = compile_builtin(&m, on_line, l)) == -1)
		(void)complain(0, "no memory");
	merge_free(&m);
	list_refused(h, refused);
	if (!json) {
		if (l->n == 0 && r == 0)
			(void)puts(l->user == NULL
				? "no key opens any account"
				: "no key opens that account");
		return r;
	}
	if (print_json(json_pack("{s:o, s:o, s:o}", "made",
		stamp_json(h->head.made_ms), "grants", l->grants, "left_out",
		refused)) == -1)
		r = -1;
	return r;
}

int
cmd_list(const char *config, int argc, char **argv)
{
	struct listing l = {.now = clock_wall_ms()};
	static struct config cfg;
	struct holdings h;
	bool json;
	int r;

	if (parse_json_operand(argc, argv, &json, &l.user) == -1)
		return EXIT_CMD_USAGE;
	if (load_holdings(config, &cfg, &h) == -1)
		return 1;
	if (h.found != SNAPSHOT_OK)
		r = complain(-1, "no snapshot to list: %s", h.why.text);
	else
		r = list(&cfg, &h, &l, json);
	holdings_free(&h);
	if (fflush(stdout) == EOF || ferror(stdout))
		r = complain(-1, "cannot write the output");
	return r == 0 ? 0 : 1;
}
