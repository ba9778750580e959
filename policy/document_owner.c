/* SPDX-License-Identifier: ISC */
/*
 * The entries of owners: %u is the account, %% a %.
 */
#include <string.h>
#include <strings.h>

#include "base/buf.h"
#include "policy/document.h"

bool
policy_owner_open(const char *owner)
{
	for (; (owner = strchr(owner, '%')) != NULL; owner += 2) {
		if (owner[1] == 'u')
			return true;
		if (owner[1] == '\0')
			break;
	}
	return false;
}

int
policy_owner(const char *owner, const char *user, char *dst, size_t size)
{
	struct buf b;
	bool bad = false;

	buf_init_on(&b, dst, size, size);
	for (; *owner != '\0' && !bad; owner++) {
		if (*owner != '%')
			(void)buf_putc(&b, (unsigned char)*owner);
		else if (*++owner == 'u')
			(void)buf_puts(&b, user);
		else if (*owner == '%')
			(void)buf_putc(&b, '%');
		else
			bad = true;
	}
	(void)buf_putc(&b, '\0');
	if (!bad && !b.failed)
		return 0;
	if (size != 0)
		dst[0] = '\0';
	return -1;
}

/* Whether text ends as the entry does; most texts are told apart by that. */
static bool
may_end(const char *owner, const char *text)
{
	size_t len = strlen(owner), n = strlen(text);

	if (len == 0 || n == 0 || (len > 1 && owner[len - 2] == '%'))
		return true;
	return strncasecmp(owner + len - 1, text + n - 1, 1) == 0;
}

/* How many characters stand in front of the first %u, beside all of them,
 * and how many %u there are. */
static size_t
measure(const char *owner, size_t *front, size_t *rest)
{
	size_t n = 0;

	*front = *rest = 0;
	for (; *owner != '\0'; owner++) {
		if (*owner == '%' && *++owner == 'u') {
			n++;
			continue;
		}
		if (*owner == '\0')
			break;
		(*rest)++;
		if (n == 0)
			(*front)++;
	}
	return n;
}

bool
policy_owner_user(
    const char *owner, const char *text, char dst[LIMIT_USER_NAME + 1])
{
	char whole[LIMIT_TEXT + LIMIT_USER_NAME + 1];
	size_t front, rest, len = strlen(text), n, user;

	if (!may_end(owner, text))
		return false;
	/* Each %u is the same account, so all are equally long. */
	n = measure(owner, &front, &rest);
	if (n == 0 || len <= rest || (len - rest) % n != 0)
		return false;
	user = (len - rest) / n;
	if (user > LIMIT_USER_NAME)
		return false;
	memcpy(dst, text + front, user);
	dst[user] = '\0';
	return policy_owner(owner, dst, whole, sizeof(whole)) == 0 &&
	    strcasecmp(whole, text) == 0;
}
