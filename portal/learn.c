/* SPDX-License-Identifier: ISC */
/*
 * Which device and project this machine is, and whose its fleet is.
 */
#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/url.h"
#include "portal/plan.h"

static void
init_id(struct fetch *f, struct known_id *id, const char *name,
    const char *config, const char *old, bool relearn)
{
	*id = (struct known_id){.how = ID_NONE};
	if (strcmp(config, "auto") == 0) {
		id->automatic = true;
		if (uuid_ok(old))
			memcpy(id->now, old, PORTAL_UUID_SIZE);
		id->how = id->now[0] != '\0' && !relearn ? ID_OLD : ID_UNASKED;
	} else if (uuid_ok(config)) {
		memcpy(id->now, config, PORTAL_UUID_SIZE);
		id->how = ID_FIXED;
	} else {
		reason_put(f->p, id->reason,
		    "%s = %s in the configuration; "
		    "set it to its uuid or to auto, or take out the sources, "
		    "fleet or rules that need it",
		    name, config);
	}
}

/* Of a fleet that is an organization's; else none, with why. */
static void
init_organization(struct fetch *f, const char *fleet)
{
	static const char prefix[] = "organization:";
	size_t n = sizeof(prefix) - 1;
	struct known_id *id = &f->organization;

	*id = (struct known_id){.how = ID_NONE};
	if (strncmp(fleet, prefix, n) == 0 && uuid_ok(fleet + n)) {
		memcpy(id->now, fleet + n, PORTAL_UUID_SIZE);
		id->how = ID_FIXED;
	} else {
		reason_put(f->p, id->reason,
		    "fleet = %s in the configuration, which names no "
		    "customdata",
		    fleet);
	}
}

static const char *
fleet_of(const struct fetch *f)
{
	return f->p->set->fleet == NULL ? "none" : f->p->set->fleet;
}

struct known_id *
learn_fleet(struct fetch *f)
{
	if (strcmp(fleet_of(f), "project") == 0)
		return &f->project;
	if (strcmp(fleet_of(f), "device") == 0)
		return &f->device;
	return &f->organization;
}

void
learn_init(struct fetch *f, bool relearn)
{
	const struct portal_settings *set = f->p->set;

	init_id(f, &f->device, "device", set->device, f->ids->device, relearn);
	init_id(
	    f, &f->project, "project", set->project, f->ids->project, relearn);
	init_organization(f, fleet_of(f));
}

/* Sets off the job that learns the id. */
static void
begin(struct fetch *f, struct known_id *id)
{
	struct job *j =
	    &f->job[id == &f->device ? SUBJECT_METADATA : SUBJECT_RECORD];

	id->how = ID_ASKING;
	/* A document that is on its way will do, if it comes whole. */
	if (j->state == JOB_OFF || j->state == JOB_DONE) {
		j->state = JOB_WAIT;
		f->moved = true;
	}
}

enum ready
learn_need(struct fetch *f, struct known_id *id)
{
	id->needed = true;
	switch (id->how) {
	case ID_FIXED:
	case ID_OLD:
	case ID_FRESH:
		return READY_YES;
	case ID_UNASKED:
		begin(f, id);
		return READY_WAIT;
	case ID_ASKING:
		if (id->now[0] != '\0' && clock_mono_ms() >= f->grace)
			return READY_YES;
		return READY_WAIT;
	case ID_LOST:
		return id->now[0] != '\0' ? READY_YES : READY_NO;
	case ID_NONE:
		break;
	}
	return READY_NO;
}

bool
learn_doubt(struct known_id *id, const char *used)
{
	if (id == NULL || !id->automatic)
		return false;
	if (id->how == ID_OLD)
		id->how = ID_UNASKED;
	return id->how == ID_UNASKED || id->how == ID_ASKING ||
	    (id->how == ID_FRESH && strcasecmp(id->now, used) != 0);
}

/* What was asked of another device or project is asked anew of this one. */
static void
restart(struct fetch *f, const struct known_id *id)
{
	size_t i;

	for (i = 0; i < SUBJECT_COUNT; i++) {
		if (f->job[i].wants == id)
			plan_restart(f, &f->job[i]);
	}
}

void
learn_device(struct fetch *f, const char *uuid)
{
	struct known_id *id = &f->device;
	bool same = strcasecmp(id->now, uuid) == 0;

	/* The first word of a fetch counts: two can't chase each other. */
	if (!id->automatic || id->how == ID_FRESH)
		return;
	memcpy(id->now, uuid, PORTAL_UUID_SIZE);
	id->how = ID_FRESH;
	f->moved = true;
	if (same)
		return;
	/* What was learned about another machine is not about this one. */
	restart(f, id);
	if (f->project.automatic) {
		f->project.now[0] = '\0';
		if (f->project.how != ID_ASKING)
			f->project.how = ID_UNASKED;
		restart(f, &f->project);
	}
}

void
learn_project(struct fetch *f, const char *uuid)
{
	struct known_id *id = &f->project;
	bool same = strcasecmp(id->now, uuid) == 0;

	if (!id->automatic)
		return;
	memcpy(id->now, uuid, PORTAL_UUID_SIZE);
	id->how = ID_FRESH;
	f->moved = true;
	if (!same)
		restart(f, id);
}

void
learn_fail(struct fetch *f, struct known_id *id, const char *reason,
    int64_t retry_after_ms)
{
	if (id->how != ID_ASKING)
		return;
	id->how = ID_LOST;
	id->retry_after_ms = retry_after_ms;
	f->moved = true;
	reason_put(f->p, id->reason, "%s = auto could not be learned: %s",
	    id == &f->device ? "device" : "project", reason);
}

void
learn_keep(struct fetch *f)
{
	const struct known_id *id[] = {&f->device, &f->project};
	bool anew = false;
	size_t i;

	if (f->device.automatic)
		memcpy(f->ids->device, f->device.now, PORTAL_UUID_SIZE);
	if (f->project.automatic)
		memcpy(f->ids->project, f->project.now, PORTAL_UUID_SIZE);
	for (i = 0; i < sizeof(id) / sizeof(id[0]); i++) {
		if (!id[i]->automatic || !id[i]->needed)
			continue;
		if (id[i]->how != ID_FRESH)
			return;
		anew = true;
	}
	if (anew)
		f->ids->learned_ms = clock_wall_ms();
}
