/* SPDX-License-Identifier: ISC */
#include <stdio.h>
#include <string.h>

#include "base/grant.h"

bool
grant_fold(char dst[LIMIT_USER_NAME + 1], const char *user)
{
	size_t i;

	for (i = 0; user[i] != '\0'; i++) {
		if (i == LIMIT_USER_NAME)
			return false;
		/* tolower(3) would hang on the locale. */
		dst[i] = user[i];
		if (user[i] >= 'A' && user[i] <= 'Z')
			dst[i] = (char)(user[i] - 'A' + 'a');
	}
	dst[i] = '\0';
	return true;
}

bool
grant_applies(const struct grant *g, const char *user, unsigned named)
{
	char folded[LIMIT_USER_NAME + 1];

	if (strcmp(user, "root") == 0)
		named = GRANT_NAMED_ALL;
	if ((g->unless_named & named) != 0)
		return false;
	switch (g->scope) {
	case GRANT_ACCOUNT:
		return strcmp(g->name, user) == 0;
	case GRANT_FOLDED:
		return grant_fold(folded, user) && strcmp(g->name, folded) == 0;
	case GRANT_ANY:
		return true;
	}
	return false;
}

char *
grant_name(const struct grant *g, char dst[GRANT_NAME_SIZE])
{
	const char *a = g->groups[GRANT_FILE], *b = g->groups[GRANT_FLEET];
	const char *who = g->scope != GRANT_ANY ? g->name
	    : g->unless_named != 0              ? "*"
						: "";

	if (a == NULL || (b != NULL && strcmp(a, b) == 0)) {
		a = b;
		b = NULL;
	}
	if (a == NULL && who[0] == '\0')
		who = "*";
	(void)snprintf(dst, GRANT_NAME_SIZE, "%s%s%s%s%s", who,
	    a == NULL            ? ""
		: who[0] != '\0' ? "+@"
				 : "@",
	    a == NULL ? "" : a, b == NULL ? "" : "+@", b == NULL ? "" : b);
	return dst;
}
