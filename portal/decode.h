/*
 * The portal's JSON made into records.  Pure: no input or output.
 *
 * A list counts only if the whole body is well-formed JSON of the expected
 * shape; one odd key in it does not spoil the others.  A member that is read
 * here may be in its object only once.
 */
#ifndef PORTAL_DECODE_H
#define PORTAL_DECODE_H

#include <stddef.h>

#include "base/buf.h"
#include "base/error.h"
#include "base/keyset.h"
#include "base/limits.h"
#include "base/memberset.h"
#include "portal/portal.h"

/* What a page says of its list. */
struct decode_page {
	char next[LIMIT_URL]; /* meta.next.href, or "" */
	int64_t total; /* meta.total: elements on all pages; -1: no word */
	size_t elements; /* on this one, whatever they are */
};

/*
 * `{"ssh_keys":[SSHKey…]}`: appends a record for each key to ks (an element
 * that is no object, or has no key text, gives a record with text NULL, so
 * that it can be reported).  Fails on
 * anything but an object with an array `ssh_keys`, on an answer that reports
 * an error beside the list, on a `meta` that can't be read (a page might be
 * missed), on a next href that is no string or too long, on more than
 * LIMIT_KEYS, and on a list that has elements but not one key text (that is
 * another resource, not an answer).
 *
 * A key whose tags can't all be kept (no array of strings, one over
 * LIMIT_TEXT, more than LIMIT_TAGS) has KEYREC_TAGS_LOST in their place.
 *
 * 0, or -1 with the reason; then ks may have grown and must be thrown away.
 */
int decode_key_list(const char *body, size_t len, struct keyset *ks,
    struct decode_page *page, struct error *err);

/*
 * `{"memberships":[{roles, user}…]}`: appends a member to ms for each element
 * that names a user by `user.id`, a uuid, or else by `user.href`; others are
 * left out.  A short id or e-mail that is missing, no string or over
 * LIMIT_TEXT is "".  Of the roles those are kept that are strings of at most
 * LIMIT_TEXT, LIMIT_ROLES of them: more roles would only grant more.  Fails
 * as decode_key_list() does, here on more than LIMIT_MEMBERS, and on elements
 * of which none is a membership as long as ms has no member (of an earlier
 * page) either.
 *
 * 0, or -1 with the reason; then ms may have grown and must be thrown away.
 */
int decode_member_list(const char *body, size_t len, struct memberset *ms,
    struct decode_page *page, struct error *err);

/*
 * A customer's own object.  policy, empty when called, gets the value of its
 * member `ssh_policy`, of whatever type, byte for byte; nothing where there
 * is no such member.  Names like `error` are the customer's own here and are
 * not looked at.  Fails on anything but one whole JSON object, on that member
 * twice, and on a value over LIMIT_POLICY_FILE.
 *
 * 0, or -1 with the reason; then policy is still empty.
 */
int decode_customdata(
    const char *body, size_t len, struct buf *policy, struct error *err);

/*
 * The metadata document.  device gets `id` if it is a uuid, else "".  With
 * ks, each string of `ssh_keys` becomes a record (text; label from the key's
 * comment is not made here); without `ssh_keys` as an array, or with elements
 * of which none is a string, that fails.
 */
int decode_metadata(const char *body, size_t len, char device[PORTAL_UUID_SIZE],
    struct keyset *ks, struct error *err);

/* A device record: project gets the uuid of `project.href`, or of
 * `project.id` where it is expanded.  -1 where there is none. */
int decode_device(const char *body, size_t len, char project[PORTAL_UUID_SIZE],
    struct error *err);

/*
 * The text of `{"error": …}` or `{"errors": […]}`, cleaned and cut to size;
 * "" for any other body (HTML, cut short, …).
 */
void decode_error_text(const char *body, size_t len, char *dst, size_t size);

/*
 * The owner in an href: ".../users/<uuid>" gives "user:<uuid>" (the uuid in
 * lower case), projects likewise; "" for anything else.
 */
#define DECODE_OWNER_SIZE 48
void decode_owner_href(const char *href, char dst[DECODE_OWNER_SIZE]);

#endif
