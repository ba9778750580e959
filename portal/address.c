/* SPDX-License-Identifier: ISC */
/*
 * Where each subject is asked for.
 */
#include <string.h>

#include "portal/link.h"
#include "portal/plan.h"

/* A portal's next page may name its number alone: what was asked for on the
 * first one holds for all. */
static int
keep_query(const struct job *j, char url[LIMIT_URL], struct error *err)
{
	if (j->subject != SUBJECT_MEMBERS)
		return 0;
	if (link_keep(url, "include", "user", err) == -1 ||
	    link_keep(url, "per_page", "1000", err) == -1)
		return -1;
	return 0;
}

int
address_first(const struct fetch *f, const struct job *j, char dst[LIMIT_URL],
    struct error *err)
{
	const char *base = f->p->set->url, *fleet = f->p->set->fleet;

	switch (j->subject) {
	case SUBJECT_DEVICE:
		return link_make(
		    dst, err, "%s/devices/%s/ssh-keys", base, j->id);
	case SUBJECT_PROJECT:
		return link_make(
		    dst, err, "%s/projects/%s/ssh-keys", base, j->id);
	case SUBJECT_PERSONAL:
		return link_make(dst, err, "%s/ssh-keys", base);
	case SUBJECT_METADATA:
		return link_make(dst, err, "%s", f->p->set->metadata_url);
	case SUBJECT_MEMBERS:
		if (link_make(dst, err, "%s/projects/%s/memberships", base,
			j->id) == -1)
			return -1;
		return keep_query(j, dst, err);
	case SUBJECT_FLEET:
		/* "organization:…" is one of the organizations. */
		return link_make(dst, err, "%s/%.*ss/%s/customdata", base,
		    (int)strcspn(fleet, ":"), fleet, j->id);
	default:
		return link_make(dst, err, "%s/devices/%s", base, j->id);
	}
}

int
address_next(const struct job *j, const char *href, char dst[LIMIT_URL],
    struct error *err)
{
	/* j->pages is the page that was just read. */
	if (link_follow(j->pages->url, href, dst, err) == -1)
		return -1;
	return keep_query(j, dst, err);
}
