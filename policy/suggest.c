/* SPDX-License-Identifier: ISC */
#include <ctype.h>
#include <string.h>

#include "policy/suggest.h"

#define LONGEST 40 /* of the names and words that are compared */

static size_t
least(size_t a, size_t b)
{
	return a < b ? a : b;
}

static char
lower(char c)
{
	return (char)tolower((unsigned char)c);
}

/*
 * The next row of the table of distances between the beginnings of the word
 * and of the name; one and two are the rows before it.
 */
static void
next_row(size_t *row, const size_t *one, const size_t *two, struct span word,
    struct span name, size_t i)
{
	size_t j, change;

	row[0] = i;
	for (j = 1; j <= name.len; j++) {
		change = lower(word.p[i - 1]) != lower(name.p[j - 1]);
		row[j] =
		    least(least(one[j], row[j - 1]) + 1, one[j - 1] + change);
		if (i > 1 && j > 1 &&
		    lower(word.p[i - 1]) == lower(name.p[j - 2]) &&
		    lower(word.p[i - 2]) == lower(name.p[j - 1]))
			row[j] = least(row[j], two[j - 2] + 1);
	}
}

static size_t
distance(struct span word, struct span name)
{
	size_t rows[3][LONGEST + 1] = {{0}};
	size_t i;

	for (i = 0; i <= name.len; i++)
		rows[0][i] = i;
	for (i = 1; i <= word.len; i++)
		next_row(rows[i % 3], rows[(i + 2) % 3], rows[(i + 1) % 3],
		    word, name, i);
	return rows[word.len % 3][name.len];
}

const char *
suggest(struct span word, const char *const *names, size_t n)
{
	const char *best = NULL;
	size_t i, d, least_yet = 3;
	struct span name;

	if (word.len > LONGEST)
		return NULL;
	for (i = 0; i < n; i++) {
		name = (struct span){names[i], strlen(names[i])};
		if (name.len > LONGEST)
			continue;
		d = distance(word, name);
		if (d < least_yet && 2 * d < word.len) {
			least_yet = d;
			best = names[i];
		}
	}
	return best;
}
