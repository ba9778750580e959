/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cmd/anyfile.h"
#include "cmd/explain_show.h"
#include "cmd/keyarg.h"
#include "cmd/packet-keys.h"
#include "cmd/screen.h"
#include "policy/pubkey.h"

/* Whether the file is a key, though one that is refused: then that is the
 * explanation. */
static bool
is_key(enum pubkey_refusal r)
{
	switch (r) {
	case PUBKEY_NO_TEXT:
	case PUBKEY_TOO_LONG:
	case PUBKEY_PRIVATE:
	case PUBKEY_LINES:
	case PUBKEY_INTERNAL:
		return false;
	default:
		return true;
	}
}

static int
parse_key(const char *path, const struct buf *text, struct explain_subject *s)
{
	struct pubkey pk;

	s->parsed = true;
	s->refusal = pubkey_parse((const char *)text->data, text->len, &pk);
	/* The usual words are for what was pasted into the portal. */
	if (s->refusal == PUBKEY_PRIVATE)
		return complain(
		    -1, "%s holds a private key; give its .pub file", path);
	if (!is_key(s->refusal))
		return complain(
		    -1, "%s %s", path, pubkey_refusal_text(s->refusal));
	if (s->refusal != PUBKEY_OK)
		return 0;
	s->type = pk.type;
	s->bits = pk.bits;
	if (pubkey_fingerprint(pk.blob, pk.bloblen, s->fp) == -1)
		return complain(
		    -1, "%s: no fingerprint: libcrypto failed", path);
	return 0;
}

static int
read_subject(const char *arg, struct explain_subject *s)
{
	struct keyarg key;
	struct error err;
	struct buf text;
	int r;

	*s = (struct explain_subject){.fp = ""};
	if (strncmp(arg, "SHA256:", 7) == 0 ||
	    strncasecmp(arg, "MD5:", 4) == 0) {
		if (keyarg_read(arg, &key, &err) == -1)
			return complain(-1, "%s", err.text);
		memcpy(s->fp, key.fp, sizeof(s->fp));
		return 0;
	}
	/* One byte more than any key, so that a longer file is seen. */
	buf_init(&text, LIMIT_KEY_TEXT + 2);
	if (anyfile_read(arg, &text, &err) == -1)
		r = complain(-1, "%s", err.text);
	else
		r = parse_key(arg, &text, s);
	/* Somebody may have given us the private half. */
	if (text.data != NULL)
		explicit_bzero(text.data, text.len);
	buf_free(&text);
	return r;
}

static int
show(const struct explain_view *v, bool json)
{
	int r = json ? print_json(explain_json(v)) : explain_print(v);

	if (r == -1)
		return EXIT_CMD_USAGE;
	return v->e->outcome.allowed ? 0 : 1;
}

static void
no_snapshot(struct explanation *e)
{
	if (e->key == NULL &&
	    strcmp(e->outcome.code, verdict_code(VERDICT_NOT_FOUND, 0)) == 0)
		e->outcome = (struct explain_outcome){false,
		    EXPLAIN_NO_SNAPSHOT, "there is no snapshot to look in", ""};
}

static int
explain_in(const struct world *w, const char *user,
    const struct explain_subject *subject, bool json)
{
	struct explanation e = {.who = NULL};
	struct somebody s;
	int code = EXIT_CMD_USAGE;

	if (world_find(w, user, &s) == 0) {
		if (explain(&e, &w->in, &s.a, subject) == -1) {
			(void)complain(0, "no memory");
		} else {
			if (w->h.found != SNAPSHOT_OK)
				no_snapshot(&e);
			code = show(&(struct explain_view){w, &s, &e}, json);
		}
	}
	explain_free(&e);
	world_forget(&s);
	return code;
}

int
cmd_explain(const char *config, int argc, char **argv)
{
	struct explain_subject subject;
	const char *operands[2];
	static struct world w;
	int code = EXIT_CMD_USAGE;
	bool json;

	if (parse_json_operands(argc, argv, &json, operands, 2) != 2)
		return complain(EXIT_CMD_USAGE,
		    "usage: packet-keys explain [--json] USER "
		    "KEY-FILE|FINGERPRINT");
	if (read_subject(operands[1], &subject) == -1)
		return EXIT_CMD_USAGE;
	if (world_load(&w, config) == 0)
		code = explain_in(&w, operands[0], &subject, json);
	world_free(&w);
	return screen_end(code, EXIT_CMD_USAGE);
}
