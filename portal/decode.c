/* SPDX-License-Identifier: ISC */
/*
 * The metadata document, the device's record, and hrefs.
 */
#include <ctype.h>
#include <string.h>

#include "base/url.h"
#include "portal/decode.h"
#include "portal/decode_key.h"
#include "portal/decode_list.h"

void
decode_owner_href(const char *href, char dst[DECODE_OWNER_SIZE])
{
	static const struct {
		const char *segment, *prefix;
	} kinds[] = {{"/users/", "user:"}, {"/projects/", "project:"}};
	const char *uuid = strrchr(href, '/');
	size_t i, n, len;

	dst[0] = '\0';
	if (uuid == NULL || !uuid_ok(++uuid))
		return;
	for (i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
		len = strlen(kinds[i].segment);
		if ((size_t)(uuid - href) < len ||
		    memcmp(uuid - len, kinds[i].segment, len) != 0)
			continue;
		n = strlen(kinds[i].prefix);
		memcpy(dst, kinds[i].prefix, n);
		for (; *uuid != '\0'; uuid++)
			dst[n++] = (char)tolower((unsigned char)*uuid);
		dst[n] = '\0';
		return;
	}
}

int
decode_owner(struct jsonin *in, char owner[DECODE_OWNER_SIZE])
{
	char href[LIMIT_TEXT + 1];
	struct jsontext t;

	owner[0] = '\0';
	if (jsonin_text(in, &t) == -1)
		return -1;
	if (t.p == NULL || t.len >= sizeof(href))
		return 0;
	memcpy(href, t.p, t.len);
	href[t.len] = '\0';
	decode_owner_href(href, owner);
	return 0;
}

int
decode_uuid(struct jsonin *in, char dst[PORTAL_UUID_SIZE])
{
	struct jsontext t;

	dst[0] = '\0';
	if (jsonin_text(in, &t) == -1)
		return -1;
	if (t.p == NULL || t.len != PORTAL_UUID_SIZE - 1)
		return 0;
	memcpy(dst, t.p, t.len);
	dst[t.len] = '\0';
	if (!uuid_ok(dst))
		dst[0] = '\0';
	return 0;
}

/* One element of the document's list. */
static int
read_text(struct jsonin *in, void *set)
{
	struct keyrec *rec;
	struct jsontext t;

	if (jsonin_text(in, &t) == -1 || (rec = decode_add(in, set)) == NULL)
		return -1;
	if (t.p == NULL)
		return 0;
	return decode_text(in, set, rec, &t) == -1 ? -1 : 1;
}

static int
read_document(
    struct jsonin *in, char device[PORTAL_UUID_SIZE], struct keyset *ks)
{
	static const char *const names[] = {"id", "ssh_keys"};
	struct list list = {.name = names[1],
	    .what = "keys",
	    .lacks = "holds a key",
	    .read = read_text,
	    .set = ks};
	struct jsontext name;
	unsigned seen = 0;
	int more, which, r;

	while ((more = jsonin_member(in, &name)) == 1) {
		which = jsonin_which(in, &name, names, 2, &seen);
		if (which == 0)
			r = decode_uuid(in, device);
		else if (which == 1 && ks != NULL)
			r = decode_elements(in, &list);
		else
			r = which == -1 ? -1 : jsonin_skip(in);
		if (r == -1)
			return -1;
	}
	if (more == 0 && ks != NULL && !(seen & 2u))
		return error_set(in->err, "answer has no ssh_keys");
	return more;
}

int
decode_metadata(const char *body, size_t len, char device[PORTAL_UUID_SIZE],
    struct keyset *ks, struct error *err)
{
	struct jsonin in;
	int r;

	device[0] = '\0';
	if ((r = jsonin_open(&in, body, len, err)) == 0 &&
	    (r = read_document(&in, device, ks)) == 0)
		r = jsonin_end(&in);
	jsonin_close(&in);
	if (r == -1)
		device[0] = '\0';
	return r;
}

/* The uuid of `project`, at hand, whichever way it is given. */
static int
read_project(struct jsonin *in, char project[PORTAL_UUID_SIZE])
{
	static const char *const names[] = {"href", "id"};
	static const char prefix[] = "project:";
	char id[PORTAL_UUID_SIZE] = "", owner[DECODE_OWNER_SIZE] = "";
	struct jsontext t;
	unsigned seen = 0;
	int more, which, r;

	if ((more = jsonin_object(in)) != 1)
		return more == -1 ? -1 : jsonin_skip(in);
	while ((more = jsonin_member(in, &t)) == 1) {
		which = jsonin_which(in, &t, names, 2, &seen);
		if (which == 0)
			r = decode_owner(in, owner);
		else if (which == 1)
			r = decode_uuid(in, id);
		else
			r = which == -1 ? -1 : jsonin_skip(in);
		if (r == -1)
			return -1;
	}
	if (strncmp(owner, prefix, sizeof(prefix) - 1) == 0)
		memcpy(project, owner + sizeof(prefix) - 1, PORTAL_UUID_SIZE);
	else
		memcpy(project, id, PORTAL_UUID_SIZE);
	return more;
}

static int
read_record(struct jsonin *in, char project[PORTAL_UUID_SIZE])
{
	static const char *const names[] = {"project"};
	struct jsontext name;
	unsigned seen = 0;
	int more, which;

	while ((more = jsonin_member(in, &name)) == 1) {
		which = jsonin_which(in, &name, names, 1, &seen);
		if (which == -1 ||
		    (which == 0 ? read_project(in, project)
				: jsonin_skip(in)) == -1)
			return -1;
	}
	return more;
}

int
decode_device(const char *body, size_t len, char project[PORTAL_UUID_SIZE],
    struct error *err)
{
	struct jsonin in;
	int r;

	project[0] = '\0';
	if ((r = jsonin_open(&in, body, len, err)) == 0 &&
	    (r = read_record(&in, project)) == 0)
		r = jsonin_end(&in);
	jsonin_close(&in);
	if (r == 0 && project[0] == '\0')
		r = error_set(err, "the device's record names no project");
	if (r == -1)
		project[0] = '\0';
	return r;
}
