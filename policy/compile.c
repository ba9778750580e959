/* SPDX-License-Identifier: ISC */
#include <stdio.h>

#include "base/limits.h"
#include "policy/compile.h"
#include "policy/pubkey.h"

char *
compile_comment(const struct merged_key *key, char *dst, size_t size)
{
	const char *label = "", *owner = "";
	size_t i;

	for (i = 0; i < key->n; i++) {
		if (label[0] == '\0')
			label = key->refs[i].rec->label;
		if (owner[0] == '\0')
			owner = key->refs[i].rec->owner;
	}
	(void)snprintf(dst, size, "%s%s%s", label,
	    label[0] != '\0' && owner[0] != '\0' ? " " : "", owner);
	return dst;
}

static int
emit_key(const char *user, const struct merged_key *key, struct buf *line,
    compile_emit emit, void *ctx)
{
	const struct keyrec *rec = key->refs[0].rec;
	char comment[2 * LIMIT_TEXT];
	struct pubkey pk;

	/* What the snapshot holds was checked before; it is checked again
	 * because it may have been written by another version. */
	if (pubkey_parse_blob(rec->blob, rec->bloblen, &pk) != PUBKEY_OK)
		return 0;
	buf_reset(line);
	if (pubkey_line(&pk, NULL,
		compile_comment(key, comment, sizeof(comment)), line) == -1)
		return -1;
	return emit(ctx,
	    &(struct compile_line){.user = user,
		.key = key,
		.fp = rec->fp,
		.until_ms = key->until_ms,
		.line = line->data,
		.len = line->len});
}

int
compile_builtin(const struct merged *keys, compile_emit emit, void *ctx)
{
	struct buf line;
	size_t i;
	int r = 0;

	buf_init(&line, LIMIT_LINE);
	for (i = 0; i < keys->n && r == 0; i++)
		r = emit_key("root", &keys->v[i], &line, emit, ctx);
	buf_free(&line);
	return r;
}
