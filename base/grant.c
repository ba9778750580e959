/* SPDX-License-Identifier: ISC */
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
