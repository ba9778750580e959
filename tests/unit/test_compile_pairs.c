/* SPDX-License-Identifier: ISC */
/* Both documents must allow: each kind of rule with each kind. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy_fixture.h"

/* Alice's key, which may have one tag. */
static void
check(const char *tag, const char *file, const char *fleet, const char *rows)
{
	struct keyrec *rec;
	struct world w;

	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	(void)world_key(&w, SOURCE_DEVICE, KEY_EC256, CAROL);
	if (tag != NULL)
		world_tag(&w, rec, tag);
	world_member(&w, ALICE_ID, "", "alice@x", "admin");
	world_doc(&w, GRANT_FILE, file);
	world_doc(&w, GRANT_FLEET, fleet);
	w.in.deny = samples[KEY_EC256].fp;
	w.in.denylen = KEYREC_FP_LEN;
	EXPECT(&w, rows,
	    rows[0] == '\0' ? "ec256 denied\ned no-account\n"
			    : "ec256 denied\n");
	world_free(&w);
}

#define OWN "'users':{'a':{}}"
#define STAR "'users':{'*':{}}"
#define GROUP "'groups':{'g':{}}"

static void
test_kinds(void **state)
{
	(void)state;
	check(NULL, OWN, OWN, "u a ed\n");
	check(NULL, OWN, STAR, "u a ed\n");
	check(NULL, OWN, GROUP, "u a ed fleet:g\n");
	check(NULL, STAR, OWN, "u a ed\n");
	check(NULL, STAR, STAR, "a * ed !file !fleet\n");
	check(NULL, STAR, GROUP, "a * ed !file fleet:g\n");
	check(NULL, GROUP, OWN, "u a ed file:g\n");
	check(NULL, GROUP, STAR, "a * ed !fleet file:g\n");
	check(NULL, GROUP, GROUP, "a * ed file:g fleet:g\n");
}

/* A document that says nothing of an account lets nobody into it. */
static void
test_silent(void **state)
{
	(void)state;
	check(NULL, OWN, "'users':{}", "");
	check(NULL, "'keys':{}", STAR, "");
	check(NULL, GROUP, "'users':{'b':{'tags':['t']}}", "");
	check(NULL, OWN, "'users':{'b':{}}", "");
	check(NULL, OWN, "'users':{'A':{}}", "");
}

static void
test_root(void **state)
{
	(void)state;
	check(
	    NULL, "'users':{'root':{}}", "'users':{'root':{}}", "u root ed\n");
	check(NULL, "'users':{'root':{}}", STAR, "");
	check(NULL, STAR, "'users':{'root':{}}", "");
	check(NULL, "'users':{'root':{}}", GROUP, "u root ed fleet:g\n");
	check(NULL, GROUP, "'users':{'root':{}}", "u root ed file:g\n");
	/* For root the row of `*` and a group never counts. */
	check("user:root", STAR, GROUP, "");
	check("user:root", GROUP, STAR, "");
	check("user:root", GROUP, GROUP, "u root ed file:g fleet:g\n");
}

/* A rule of its own keeps an account from `*`, on its own side alone. */
static void
test_own_hides_star(void **state)
{
	(void)state;
	check(NULL, "'users':{'a':{'tags':['no']},'*':{}}", STAR,
	    "a * ed !file !fleet\n");
	check(NULL, "'users':{'a':{'tags':['no']},'*':{}}", OWN, "");
	check(NULL, OWN, "'users':{'a':{'tags':['no']},'*':{}}", "");
	check(NULL, "'users':{'a':{'tags':['no']},'*':{}}", GROUP,
	    "a * ed !file fleet:g\n");
	check(NULL, "'users':{'a':{},'*':{'tags':['no']}}",
	    "'users':{'a':{},'b':{},'*':{}}", "u a ed\n");
	check(NULL, "'users':{'*':{}}", "'users':{'a':{},'*':{'tags':['no']}}",
	    "u a ed\n");
}

/* The union of the rules, each of the one side with each of the other. */
static void
test_union(void **state)
{
	(void)state;
	check(NULL, "'users':{'a':{}},'groups':{'h':{},'g':{}}",
	    "'users':{'a':{}},'groups':{'k':{}}",
	    "a * ed file:g fleet:k\na * ed file:h fleet:k\n"
	    "u a ed\nu a ed fleet:k\nu a ed file:g\nu a ed file:h\n");
	check(NULL, "'users':{'*':{}},'groups':{'g':{}}",
	    "'users':{'*':{}},'groups':{'k':{}}",
	    "a * ed !file !fleet\na * ed !file fleet:k\n"
	    "a * ed !fleet file:g\na * ed file:g fleet:k\n");
	check(NULL, "'users':{'a':{},'*':{}},'groups':{'g':{}}",
	    "'users':{'b':{},'*':{}}",
	    "a * ed !file !fleet\na * ed !fleet file:g\n"
	    "u a ed\nu b ed\nu b ed file:g\n");
}

/* %u on either side is the same account. */
static void
test_patterns(void **state)
{
	static const char x[] = "'users':{'*':{'owners':['%u@x']}}";
	static const char y[] = "'users':{'*':{'owners':['%u@y']}}";
	static const char g[] = "'groups':{'g':{'owners':['%u@x']}}";
	static const char alice[] = "'users':{'Alice':{}}";
	static const char bob[] = "'users':{'bob':{}}";

	(void)state;
	check(NULL, x, x, "e alice ed !file !fleet\n");
	check(NULL, x, STAR, "e alice ed !file !fleet\n");
	check(NULL, STAR, x, "e alice ed !file !fleet\n");
	check(NULL, x, y, "");
	check(NULL, x, g, "e alice ed !file fleet:g\n");
	check(NULL, g, x, "e alice ed !fleet file:g\n");
	check(NULL, g, g, "e alice ed file:g fleet:g\n");
	check(NULL, GROUP, g, "e alice ed file:g fleet:g\n");
	check(NULL, GROUP, x, "e alice ed !fleet file:g\n");
	check(NULL, x, alice, "u Alice ed\n");
	check(NULL, alice, x, "u Alice ed\n");
	check(NULL, alice, g, "u Alice ed fleet:g\n");
	check(NULL, g, alice, "u Alice ed file:g\n");
	check(NULL, x, bob, "");
	check(NULL, bob, x, "");
	check(NULL, g, bob, "");
}

/* With user: the pairs are the same, for that account. */
static void
test_tag_user(void **state)
{
	static const char x[] = "'users':{'*':{'owners':['%u@x']}}";
	static const char g[] = "'groups':{'g':{'owners':['%u@x']}}";

	(void)state;
	check("user:a", OWN, OWN, "u a ed\n");
	check("user:a", OWN, STAR, "u a ed\n");
	check("user:a", STAR, OWN, "u a ed\n");
	check("user:a", STAR, STAR, "u a ed\n");
	check("user:a", STAR, GROUP, "u a ed fleet:g\n");
	check("user:a", GROUP, STAR, "u a ed file:g\n");
	check("user:a", GROUP, GROUP, "u a ed file:g fleet:g\n");
	check("user:a", GROUP, OWN, "u a ed file:g\n");
	check("user:b", OWN, OWN, "");
	check("user:b", OWN, STAR, "");
	check("user:b", STAR, OWN, "");
	check("user:A", OWN, OWN, "");
	check("user:alice", x, g, "u alice ed fleet:g\n");
	check("user:alice", g, x, "u alice ed file:g\n");
	check("user:bob", x, g, "");
	check("user:a", "'users':{'a':{'tags':['no']},'*':{}}", STAR, "");
}

/* What holds for every key holds of both documents. */
static void
test_keys(void **state)
{
	static const char types[] =
	    "'keys':{'types':['ssh-rsa']},'users':{'a':{}}";
	static const char age[] = "'keys':{'max_age':'1d'},'users':{'a':{}}";
	static const char member[] =
	    "'keys':{'require_member':true},'users':{'a':{}}";
	struct world w;

	(void)state;
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, CAROL);
	world_doc(&w, GRANT_FILE, OWN);
	world_doc(&w, GRANT_FLEET, types);
	EXPECT(&w, "", "ed key-type\n");
	world_doc(&w, GRANT_FLEET, age);
	EXPECT(&w, "", "ed no-date\n");
	world_doc(&w, GRANT_FLEET, member);
	EXPECT(&w, "", "ed not-member\n");
	/* Of two reasons the file's is told. */
	world_doc(&w, GRANT_FILE, types);
	EXPECT(&w, "", "ed key-type\n");
	world_doc(&w, GRANT_FLEET, OWN);
	EXPECT(&w, "", "ed key-type\n");
	world_free(&w);
}

#define WITH(text) "'users':{'a':{'options':'" text "'}}"

static void
test_options(void **state)
{
	struct world w;

	(void)state;
	check(NULL, WITH("no-pty"), WITH("command=\\\"x\\\""),
	    "u a ed [no-pty,command=\"x\"]\n");
	check(NULL, WITH("from=\\\"10.0.0.0/8\\\""),
	    WITH("from=\\\"10.1.0.0/16,1.2.3.4\\\""),
	    "u a ed [from=\"10.1.0.0/16\"]\n");
	check("from:10.1.2.0/24", WITH("from=\\\"10.0.0.0/8\\\""),
	    WITH("from=\\\"10.1.0.0/16\\\""),
	    "u a ed [from=\"10.1.2.0/24\"]\n");
	check(NULL, WITH("cert-authority"), WITH("cert-authority"),
	    "u a ed [cert-authority] CA\n");
	world_init(&w);
	(void)world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	world_doc(&w, GRANT_FILE, WITH("command=\\\"x\\\""));
	world_doc(&w, GRANT_FLEET, WITH("command=\\\"y\\\""));
	EXPECT(&w, "", "ed command-conflict\n");
	/* Another pair of the same account is none of its business. */
	world_doc(&w, GRANT_FLEET,
	    "'users':{'a':{'options':'command=\\\"y\\\"'}},"
	    "'groups':{'g':{'options':'command=\\\"x\\\"'}}");
	EXPECT(&w, "u a ed fleet:g [command=\"x\"]\n", "");
	world_doc(&w, GRANT_FLEET, WITH("cert-authority"));
	EXPECT(&w, "", "ed cert-authority-conflict\n");
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_kinds),
	    cmocka_unit_test(test_silent),
	    cmocka_unit_test(test_root),
	    cmocka_unit_test(test_own_hides_star),
	    cmocka_unit_test(test_union),
	    cmocka_unit_test(test_patterns),
	    cmocka_unit_test(test_tag_user),
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
