/* SPDX-License-Identifier: ISC */
#include <string.h>

#include "portal/decode_list.h"

/* `meta.next.href`, at hand. */
static int
read_href(struct jsonin *in, char next[LIMIT_URL])
{
	struct jsontext t;

	if (jsonin_word(in, "null"))
		return 0;
	if (jsonin_text(in, &t) == -1)
		return -1;
	if (t.p == NULL || t.len == 0 || t.len >= LIMIT_URL)
		return error_set(
		    in->err, "answer's meta.next.href is no address");
	memcpy(next, t.p, t.len);
	next[t.len] = '\0';
	return 0;
}

/* `meta.next`, at hand.  Whatever hides where the next page is must not pass
 * for the end. */
static int
read_next(struct jsonin *in, char next[LIMIT_URL])
{
	static const char *const names[] = {"href"};
	struct jsontext t;
	unsigned seen = 0;
	int more, which;

	if (jsonin_word(in, "null"))
		return 0;
	if ((more = jsonin_object(in)) != 1)
		return more == -1
		    ? -1
		    : error_set(in->err, "answer's meta.next is no object");
	while ((more = jsonin_member(in, &t)) == 1) {
		which = jsonin_which(in, &t, names, 1, &seen);
		if (which == -1 ||
		    (which == 0 ? read_href(in, next) : jsonin_skip(in)) == -1)
			return -1;
	}
	return more;
}

/* `meta.total`, at hand; a number that can't be meant says nothing. */
static int
read_total(struct jsonin *in, int64_t *total)
{
	struct jsontext t;
	size_t i;

	if (jsonin_raw(in, &t) == -1)
		return -1;
	*total = t.len == 0 || t.len > 9 ? -1 : 0;
	for (i = 0; i < t.len && *total != -1; i++) {
		if (t.p[i] < '0' || t.p[i] > '9')
			*total = -1;
		else
			*total = *total * 10 + (t.p[i] - '0');
	}
	return 0;
}

static int
read_meta(struct jsonin *in, struct decode_page *page)
{
	static const char *const names[] = {"next", "total"};
	struct jsontext t;
	unsigned seen = 0;
	int more, which, r;

	if (jsonin_word(in, "null"))
		return 0;
	if ((more = jsonin_object(in)) != 1)
		return more == -1
		    ? -1
		    : error_set(in->err, "answer's meta is no object");
	while ((more = jsonin_member(in, &t)) == 1) {
		which = jsonin_which(in, &t, names, 2, &seen);
		if (which == 0)
			r = read_next(in, page->next);
		else if (which == 1)
			r = read_total(in, &page->total);
		else
			r = which == -1 ? -1 : jsonin_skip(in);
		if (r == -1)
			return -1;
	}
	return more;
}

/* A list beside an error report is not the whole truth. */
static int
read_error(struct jsonin *in)
{
	struct jsontext t;
	int more;

	if (jsonin_word(in, "null") || jsonin_word(in, "false"))
		return 0;
	if ((more = jsonin_array(in)) == 1)
		more = jsonin_element(in);
	else if (more == 0 && (more = jsonin_object(in)) == 1)
		more = jsonin_member(in, &t);
	else if (more == 0 && (more = jsonin_text(in, &t)) != -1)
		more = t.p == NULL || t.len != 0;
	if (more == 1)
		return error_set(in->err, "answer reports an error");
	return more;
}

int
decode_elements(struct jsonin *in, struct list *list)
{
	int more, r;

	if ((more = jsonin_array(in)) != 1)
		return more == -1
		    ? -1
		    : error_set(in->err, "answer's %s is no list", list->name);
	while ((more = jsonin_element(in)) == 1) {
		if ((r = list->read(in, list->set)) == -1)
			return -1;
		list->fit += r == 1;
		list->elements++;
	}
	if (more == 0 && list->elements != 0 && list->fit == 0)
		return error_set(in->err,
		    "answer is no list of %s: none of its %zu elements %s",
		    list->what, list->elements, list->lacks);
	return more;
}

static int
read_members(struct jsonin *in, struct list *list, struct decode_page *page)
{
	const char *const names[] = {list->name, "meta", "error", "errors"};
	struct jsontext name;
	unsigned seen = 0;
	int more, r = 0;

	while ((more = jsonin_member(in, &name)) == 1) {
		switch (jsonin_which(in, &name, names, 4, &seen)) {
		case -1:
			return -1;
		case 0:
			r = decode_elements(in, list);
			break;
		case 1:
			r = read_meta(in, page);
			break;
		case 2:
		case 3:
			r = read_error(in);
			break;
		default:
			r = jsonin_skip(in);
			break;
		}
		if (r == -1)
			return -1;
	}
	if (more == 0 && !(seen & 1u))
		return error_set(in->err, "answer has no %s", list->name);
	return more;
}

int
decode_list(const char *body, size_t len, struct list *list,
    struct decode_page *page, struct error *err)
{
	struct jsonin in;
	int r;

	*page = (struct decode_page){.total = -1};
	if ((r = jsonin_open(&in, body, len, err)) == 0 &&
	    (r = read_members(&in, list, page)) == 0)
		r = jsonin_end(&in);
	jsonin_close(&in);
	if (r == -1)
		*page = (struct decode_page){.total = -1};
	else
		page->elements = list->elements;
	return r;
}
