/* SPDX-License-Identifier: ISC */
#include <stdlib.h>
#include <string.h>

#include "base/limits.h"
#include "base/memberset.h"

void
memberset_init(struct memberset *ms)
{
	*ms = (struct memberset){0};
}

void
memberset_free(struct memberset *ms)
{
	arena_free(&ms->arena);
	free(ms->v);
	memberset_init(ms);
}

struct member *
memberset_add(struct memberset *ms)
{
	struct member *v;
	size_t size;

	if (ms->n >= LIMIT_MEMBERS)
		return NULL;
	if (ms->n == ms->size) {
		size = ms->size == 0 ? 16 : ms->size + ms->size / 2;
		if ((v = reallocarray(ms->v, size, sizeof(*v))) == NULL)
			return NULL;
		ms->v = v;
		ms->size = size;
	}
	v = &ms->v[ms->n++];
	*v = (struct member){.id = "", .short_id = "", .email = ""};
	return v;
}

char *
memberset_copy(struct memberset *ms, const void *data, size_t len)
{
	return arena_copy(&ms->arena, data, len);
}

const char **
memberset_roles(struct memberset *ms, size_t n)
{
	const char **v;

	if (n > LIMIT_ROLES ||
	    (v = arena_take(
		 &ms->arena, n * sizeof(*v), _Alignof(const char *))) == NULL)
		return NULL;
	memset(v, 0, n * sizeof(*v));
	return v;
}

int
memberset_encode(const struct memberset *ms, struct buf *b)
{
	size_t i, j;

	(void)buf_put_u32(b, (uint32_t)ms->n);
	for (i = 0; i < ms->n; i++) {
		const struct member *m = &ms->v[i];

		(void)buf_put_cstring(b, m->id);
		(void)buf_put_cstring(b, m->short_id);
		(void)buf_put_cstring(b, m->email);
		(void)buf_put_u32(b, (uint32_t)m->nroles);
		for (j = 0; j < m->nroles; j++)
			(void)buf_put_cstring(b, m->roles[j]);
	}
	return b->failed ? -1 : 0;
}

static int
decode_member(struct memberset *ms, struct slice *in, struct member *m)
{
	uint32_t i, n;

	if (arena_text(&ms->arena, in, &m->id) == -1 || m->id[0] == '\0' ||
	    arena_text(&ms->arena, in, &m->short_id) == -1 ||
	    arena_text(&ms->arena, in, &m->email) == -1 ||
	    slice_u32(in, &n) == -1 || n > LIMIT_ROLES)
		return -1;
	if (n != 0 && (m->roles = memberset_roles(ms, n)) == NULL)
		return -1;
	for (i = 0; i < n; i++) {
		if (arena_text(&ms->arena, in, &m->roles[i]) == -1)
			return -1;
	}
	m->nroles = n;
	return 0;
}

int
memberset_decode(struct slice *in, struct memberset *ms)
{
	struct member *m;
	uint32_t i, n;

	memberset_init(ms);
	if (slice_u32(in, &n) == -1)
		return -1;
	for (i = 0; i < n; i++) {
		if ((m = memberset_add(ms)) == NULL ||
		    decode_member(ms, in, m) == -1) {
			memberset_free(ms);
			return -1;
		}
	}
	return 0;
}
