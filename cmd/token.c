/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>

#include "base/file.h"
#include "base/limits.h"
#include "cmd/token.h"

int
token_read(const char *path, struct buf *out, struct error *err)
{
	size_t i, start = 0;

	buf_init(out, LIMIT_TOKEN_FILE + 1);
	if (file_read(path, FILE_SECRET, LIMIT_TOKEN_FILE, out, err) != FILE_OK)
		return -1;
	while (out->len > 0 && isspace(out->data[out->len - 1]))
		out->len--;
	while (start < out->len && isspace(out->data[start]))
		start++;
	out->len -= start;
	memmove(out->data, out->data + start, out->len);
	out->data[out->len] = '\0';
	if (out->len == 0)
		return error_set(err, "%s holds no token", path);
	for (i = 0; i < out->len; i++) {
		if (!isgraph(out->data[i]))
			return error_set(err,
			    "%s must hold one line: the "
			    "token alone",
			    path);
	}
	return 0;
}

void
token_wipe(struct buf *token)
{
	if (token->data != NULL)
		explicit_bzero(token->data, token->size);
	buf_free(token);
}
