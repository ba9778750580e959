/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "policy/options_value.h"

/* Starts an option: a comma where one went before, and the name. */
static void
put_name(struct buf *b, size_t start, const char *prefix, enum option_id id)
{
	if (b->len != start)
		(void)buf_putc(b, ',');
	(void)buf_puts(b, prefix);
	(void)buf_puts(b, option_name(id));
}

static void
put_flag(struct buf *b, size_t start, bool set, enum option_id id)
{
	if (set)
		put_name(b, start, "", id);
}

static void
put_value(struct buf *b, size_t start, enum option_id id, const char *value)
{
	if (value == NULL)
		return;
	put_name(b, start, "", id);
	(void)buf_puts(b, "=\"");
	for (; *value != '\0'; value++) {
		if (*value == '"')
			(void)buf_putc(b, '\\');
		(void)buf_putc(b, (unsigned char)*value);
	}
	(void)buf_putc(b, '"');
}

static void
put_words(struct buf *b, size_t start, enum option_id id, const struct words *w)
{
	size_t i;

	for (i = 0; i < w->n; i++)
		put_value(b, start, id, w->v[i]);
}

static void
put_permits(const struct options *o, struct buf *b, size_t start)
{
	unsigned i;

	for (i = 0; i < OPTIONS_PERMIT_COUNT; i++) {
		if (o->denied[i] != o->restricted)
			put_name(b, start, o->denied[i] ? "no-" : "",
			    (enum option_id)(OPTION_PERMIT + i));
	}
}

static void
put_from(const struct options *o, struct buf *b, size_t start)
{
	if (o->from.n == 0)
		return;
	put_name(b, start, "", OPTION_FROM);
	(void)buf_puts(b, "=\"");
	(void)from_put(&o->from, b);
	(void)buf_putc(b, '"');
}

static void
put_expiry(struct buf *b, size_t start, int64_t ms, bool utc)
{
	char text[WHEN_TEXT_SIZE];

	if (ms != WHEN_NONE)
		put_value(
		    b, start, OPTION_EXPIRY_TIME, when_text(ms, utc, text));
}

static void
put_tunnel(const struct options *o, struct buf *b, size_t start)
{
	char text[16] = "any";

	if (o->tunnel == OPTIONS_NO_TUNNEL)
		return;
	if (o->tunnel != OPTIONS_TUNNEL_ANY)
		(void)snprintf(text, sizeof(text), "%d", o->tunnel);
	put_value(b, start, OPTION_TUNNEL, text);
}

int
options_build(const struct options *o, struct buf *b)
{
	size_t start = b->len;

	/* restrict first: behind a permission it would take that back. */
	put_flag(b, start, o->restricted, OPTION_RESTRICT);
	put_permits(o, b, start);
	put_flag(b, start, o->cert_authority, OPTION_CERT_AUTHORITY);
	put_value(b, start, OPTION_PRINCIPALS, o->principals);
	put_flag(b, start, o->verify_required, OPTION_VERIFY_REQUIRED);
	put_flag(b, start, o->no_touch_required, OPTION_NO_TOUCH_REQUIRED);
	put_from(o, b, start);
	put_expiry(b, start, o->expiry_utc_ms, true);
	put_expiry(b, start, o->expiry_local_ms, false);
	put_value(b, start, OPTION_COMMAND, o->command);
	put_words(b, start, OPTION_ENVIRONMENT, &o->environment);
	put_words(b, start, OPTION_PERMITOPEN, &o->permitopen);
	put_words(b, start, OPTION_PERMITLISTEN, &o->permitlisten);
	put_tunnel(o, b, start);
	if (b->failed) {
		b->len = start;
		return -1;
	}
	return 0;
}
