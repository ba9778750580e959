/* SPDX-License-Identifier: ISC */
/*
 * Lists of SSHKey objects.
 */
#include <stdbool.h>
#include <string.h>

#include "portal/date.h"
#include "portal/decode.h"
#include "portal/decode_key.h"
#include "portal/decode_list.h"

/* What is read of a key; the owner's three in the order they count in. */
enum key_member {
	KEY_ENTITY,
	KEY_OWNER,
	KEY_USER,
	KEY_ID,
	KEY_LABEL,
	KEY_TEXT,
	KEY_CREATED,
	KEY_TAGS,
	KEY_MEMBERS
};
#define OWNERS 3

static const char *const key_members[KEY_MEMBERS] = {
    "entity", "owner", "user", "id", "label", "key", "created_at", "tags"};

struct reading {
	struct jsonin *in;
	struct keyset *ks;
	struct keyrec *rec;
	char owners[OWNERS][DECODE_OWNER_SIZE];
	bool bad_tags;
};

static int
no_memory(struct jsonin *in)
{
	return error_set(in->err, "out of memory");
}

struct keyrec *
decode_add(struct jsonin *in, struct keyset *ks)
{
	struct keyrec *rec;

	if (ks->n >= LIMIT_KEYS) {
		(void)error_set(
		    in->err, "answer holds more than %d keys", LIMIT_KEYS);
		return NULL;
	}
	if ((rec = keyset_add(ks)) == NULL)
		(void)no_memory(in);
	return rec;
}

static int
read_id(struct reading *r)
{
	char id[PORTAL_UUID_SIZE];

	if (decode_uuid(r->in, id) == -1)
		return -1;
	if (id[0] == '\0')
		return 0;
	r->rec->id = keyset_copy(r->ks, id, sizeof(id) - 1);
	return r->rec->id == NULL ? no_memory(r->in) : 0;
}

static int
read_label(struct reading *r)
{
	struct jsontext t;
	int got = jsonin_text(r->in, &t);

	if (got != 1 || t.len == 0)
		return got == -1 ? -1 : 0;
	if (t.len > LIMIT_TEXT) {
		/* It is UTF-8: cut where a character starts. */
		for (t.len = LIMIT_TEXT;
		     t.len > 0 && ((unsigned char)t.p[t.len] & 0xc0) == 0x80;
		     t.len--)
			;
	}
	r->rec->label = keyset_copy(r->ks, t.p, t.len);
	return r->rec->label == NULL ? no_memory(r->in) : 0;
}

int
decode_text(struct jsonin *in, struct keyset *ks, struct keyrec *rec,
    const struct jsontext *text)
{
	/* One byte more than the check takes, so that it says so. */
	size_t len =
	    text->len <= LIMIT_KEY_TEXT ? text->len : LIMIT_KEY_TEXT + 1;

	if ((rec->text = keyset_copy(ks, text->p, len)) == NULL)
		return no_memory(in);
	rec->textlen = len;
	return 0;
}

static int
read_text(struct reading *r)
{
	struct jsontext t;
	int got = jsonin_text(r->in, &t);

	return got == 1 ? decode_text(r->in, r->ks, r->rec, &t) : got;
}

static int
read_created(struct reading *r)
{
	struct jsontext t;
	int got = jsonin_text(r->in, &t);

	if (got == 1)
		r->rec->created_ms = date_rfc3339(t.p, t.len);
	return got == -1 ? -1 : 0;
}

/* Notes that the tags can't be kept whole once one can't. */
static int
read_tags(struct reading *r)
{
	const char *tags[LIMIT_TAGS];
	struct jsontext t;
	size_t n = 0;
	int more;

	if (jsonin_word(r->in, "null"))
		return 0;
	if ((more = jsonin_array(r->in)) != 1) {
		r->bad_tags = true;
		return more == -1 ? -1 : jsonin_skip(r->in);
	}
	while ((more = jsonin_element(r->in)) == 1) {
		if (jsonin_text(r->in, &t) == -1)
			return -1;
		if (t.p == NULL || t.len > LIMIT_TEXT || n == LIMIT_TAGS)
			r->bad_tags = true;
		else if ((tags[n++] = keyset_copy(r->ks, t.p, t.len)) == NULL)
			return no_memory(r->in);
	}
	if (more == -1 || r->bad_tags || n == 0)
		return more;
	if ((r->rec->tags = keyset_tags(r->ks, n)) == NULL)
		return no_memory(r->in);
	memcpy(r->rec->tags, tags, n * sizeof(tags[0]));
	r->rec->ntags = n;
	return 0;
}

/* The owner that the object at hand names by its href, or "". */
static int
read_owner(struct jsonin *in, char owner[DECODE_OWNER_SIZE])
{
	static const char *const names[] = {"href"};
	struct jsontext name;
	unsigned seen = 0;
	int more, which;

	if ((more = jsonin_object(in)) != 1)
		return more == -1 ? -1 : jsonin_skip(in);
	while ((more = jsonin_member(in, &name)) == 1) {
		which = jsonin_which(in, &name, names, 1, &seen);
		if (which == -1 ||
		    (which == 0 ? decode_owner(in, owner) : jsonin_skip(in)) ==
			-1)
			return -1;
	}
	return more;
}

static int
read_member(struct reading *r, int which)
{
	switch (which) {
	case KEY_ENTITY:
	case KEY_OWNER:
	case KEY_USER:
		return read_owner(r->in, r->owners[which]);
	case KEY_ID:
		return read_id(r);
	case KEY_LABEL:
		return read_label(r);
	case KEY_TEXT:
		return read_text(r);
	case KEY_CREATED:
		return read_created(r);
	case KEY_TAGS:
		return read_tags(r);
	default:
		return jsonin_skip(r->in);
	}
}

/* What can be said only after all members of a key. */
static int
finish_key(struct reading *r)
{
	size_t i, len;

	for (i = 0; i < OWNERS && r->owners[i][0] == '\0'; i++)
		;
	if (i < OWNERS) {
		len = strlen(r->owners[i]);
		r->rec->owner = keyset_copy(r->ks, r->owners[i], len);
		if (r->rec->owner == NULL)
			return no_memory(r->in);
	}
	if (r->bad_tags) {
		r->rec->tags = keyset_tags(r->ks, 1);
		if (r->rec->tags == NULL)
			return no_memory(r->in);
		r->rec->tags[0] = KEYREC_TAGS_LOST;
		r->rec->ntags = 1;
	}
	return 0;
}

/* One element of the list. */
static int
read_key(struct jsonin *in, void *set)
{
	struct reading r = {.in = in, .ks = set};
	struct jsontext name;
	unsigned seen = 0;
	int more, which;
	bool text;

	if ((r.rec = decode_add(in, r.ks)) == NULL)
		return -1;
	if ((more = jsonin_object(in)) != 1)
		return more == -1 ? -1 : jsonin_skip(in);
	while ((more = jsonin_member(in, &name)) == 1) {
		which =
		    jsonin_which(in, &name, key_members, KEY_MEMBERS, &seen);
		if (which == -1 || read_member(&r, which) == -1)
			return -1;
	}
	if (more == -1)
		return -1;
	text = r.rec->text != NULL;
	return finish_key(&r) == -1 ? -1 : text;
}

int
decode_key_list(const char *body, size_t len, struct keyset *ks,
    struct decode_page *page, struct error *err)
{
	struct list list = {.name = "ssh_keys",
	    .what = "keys",
	    .lacks = "holds a key",
	    .read = read_key,
	    .set = ks};

	return decode_list(body, len, &list, page, err);
}
