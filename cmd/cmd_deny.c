/* SPDX-License-Identifier: ISC */
#include <getopt.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/config.h"
#include "base/denylist.h"
#include "base/text.h"
#include "cmd/denyfile.h"
#include "cmd/keyarg.h"
#include "cmd/krl.h"
#include "cmd/packet-keys.h"

#define NOTE_SIZE (sizeof("2026-11-22 ") + LIMIT_COMMENT)

struct deny {
	const char *key; /* the operand, or NULL */
	const char *reason, *krl; /* of options, or NULL */
	bool json;
};

/* Who wrote them thinks that a key is denied, and it isn't. */
static unsigned
warn_bad_lines(const char *path, const struct buf *text)
{
	struct denylist_cursor c;
	struct denylist_entry e;
	unsigned n = 0;
	int r;

	denylist_start(&c, (const char *)text->data, text->len);
	while ((r = denylist_next(&c, &e)) != 0) {
		if (r == 1)
			continue;
		(void)complain(0,
		    "%s:%u: denies nothing: neither a SHA256 fingerprint "
		    "nor a # comment",
		    path, c.line);
		n++;
	}
	return n;
}

static int
add_json(json_t *list, const char *fp, const char *note)
{
	return list == NULL
	    ? -1
	    : json_array_append_new(list,
		  json_pack("{s:s, s:s}", "fingerprint", fp, "note", note));
}

static int
print_list(const struct buf *text, bool json)
{
	json_t *list = json ? json_array() : NULL;
	struct denylist_cursor c;
	struct denylist_entry e;
	char note[LIMIT_TEXT];
	size_t n = 0;
	int r;

	denylist_start(&c, (const char *)text->data, text->len);
	while ((r = denylist_next(&c, &e)) != 0) {
		if (r == -1)
			continue;
		n++;
		(void)text_clean(note, sizeof(note), e.note, e.notelen);
		if (!json) {
			(void)printf(
			    "%s%s%s\n", e.fp, *note == '\0' ? "" : " ", note);
		} else if (add_json(list, e.fp, note) == -1) {
			json_decref(list);
			return complain(-1, "no memory");
		}
	}
	if (json)
		return print_json(json_pack("{s:o}", "denied", list));
	if (n == 0)
		(void)puts("no key is denied");
	if (fflush(stdout) == EOF || ferror(stdout))
		return complain(-1, "cannot write the output");
	return 0;
}

static int
list_denied(const char *path, bool json)
{
	struct error err;
	struct buf text;
	int r;

	buf_init(&text, DENYFILE_CAP);
	if (denyfile_read(path, &text, &err) == -1) {
		r = complain(-1, "%s", err.text);
	} else {
		r = print_list(&text, json);
		if (warn_bad_lines(path, &text) != 0)
			r = -1;
	}
	buf_free(&text);
	return r == 0 ? 0 : 1;
}

/* The list as it is while nobody can change it, so that of two that are
 * written at once the later one has all. */
static int
write_krl(const char *path, const char *krl)
{
	struct denylist_cursor c;
	struct denylist_entry e;
	struct krl k = {0};
	struct error err;
	struct buf text;
	int lock, r, next;

	buf_init(&text, DENYFILE_CAP);
	if ((r = denyfile_hold(path, &lock, &err)) == 0)
		r = denyfile_read(path, &text, &err);
	denylist_start(&c, (const char *)text.data, text.len);
	while (r == 0 && (next = denylist_next(&c, &e)) != 0)
		r = next == 1 ? krl_add(&k, e.fp, &err) : 0;
	if (r == 0)
		r = krl_write(krl, &k, &err);
	if (lock != -1)
		(void)close(lock);
	if (r == -1)
		(void)complain(0, "%s", err.text);
	else if (warn_bad_lines(path, &text) != 0)
		r = -1;
	krl_free(&k);
	buf_free(&text);
	return r == 0 ? 0 : 1;
}

static void
make_note(char note[NOTE_SIZE], const char *words)
{
	char day[32], clean[LIMIT_COMMENT];

	(void)stamp_text(day, clock_wall_ms());
	(void)text_clean(clean, sizeof(clean), words, strlen(words));
	(void)snprintf(note, NOTE_SIZE, "%.10s%s%s", day,
	    clean[0] == '\0' ? "" : " ", clean);
}

/* What has been done (1) or not (0); returns the exit code. */
static int
report(int done, const char *fp, const char *words[2], int code)
{
	if (printf("%s: %s\n", fp, words[done]) < 0 || fflush(stdout) == EOF)
		return complain(1, "cannot write the output");
	return done ? 0 : code;
}

static int
edit(const char *path, const struct deny *d, bool add)
{
	static const char *added[] = {
	    "was denied already", "denied from the next login on"};
	static const char *removed[] = {
	    "is not in the list", "is no longer denied"};
	char note[NOTE_SIZE];
	struct keyarg key;
	struct error err;
	struct buf text;
	int r;

	if (keyarg_read(d->key, &key, &err) == -1)
		return complain(EXIT_CMD_USAGE, "%s", err.text);
	make_note(note, d->reason != NULL ? d->reason : key.comment);
	buf_init(&text, DENYFILE_CAP);
	r = add ? denyfile_add(path, key.fp, note, &text, &err)
		: denyfile_remove(path, key.fp, &text, &err);
	if (r == -1)
		r = complain(1, "%s", err.text);
	else {
		(void)warn_bad_lines(path, &text);
		r = report(r, key.fp, add ? added : removed, add ? 0 : 1);
	}
	buf_free(&text);
	return r;
}

static int
deny_usage(void)
{
	return complain(EXIT_CMD_USAGE,
	    "usage: packet-keys deny FINGERPRINT|KEY-FILE [--reason TEXT], "
	    "deny [--json] or deny --krl FILE");
}

static int
parse(int argc, char **argv, struct deny *d)
{
	static const struct option options[] = {
	    {"reason", required_argument, NULL, 'r'},
	    {"krl", required_argument, NULL, 'k'},
	    {"json", no_argument, NULL, 'j'}, {NULL, 0, NULL, 0}};
	int ch;

	*d = (struct deny){.key = NULL};
	while ((ch = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (ch) {
		case 'r':
			d->reason = optarg;
			break;
		case 'k':
			d->krl = optarg;
			break;
		case 'j':
			d->json = true;
			break;
		default:
			return -1;
		}
	}
	if (optind < argc)
		d->key = argv[optind++];
	/* One thing at a time. */
	if (optind != argc || (d->reason != NULL && d->key == NULL) ||
	    (d->key != NULL) + (d->krl != NULL) + d->json > 1)
		return -1;
	return 0;
}

int
cmd_deny(const char *config, int argc, char **argv)
{
	static struct config cfg;
	struct error err;
	struct deny d;

	if (parse(argc, argv, &d) == -1)
		return deny_usage();
	if (config_load(&cfg, config, &err) == -1)
		return complain(1, "%s", err.text);
	if (d.key != NULL)
		return edit(cfg.deny_file, &d, true);
	if (d.krl != NULL)
		return write_krl(cfg.deny_file, d.krl);
	return list_denied(cfg.deny_file, d.json);
}

int
cmd_undeny(const char *config, int argc, char **argv)
{
	static const struct option options[] = {{NULL, 0, NULL, 0}};
	static struct config cfg;
	struct deny d = {.key = NULL};
	struct error err;

	if (getopt_long(argc, argv, "", options, NULL) != -1 ||
	    optind + 1 != argc)
		return complain(EXIT_CMD_USAGE,
		    "usage: packet-keys undeny FINGERPRINT|KEY-FILE");
	d.key = argv[optind];
	if (config_load(&cfg, config, &err) == -1)
		return complain(1, "%s", err.text);
	return edit(cfg.deny_file, &d, false);
}
