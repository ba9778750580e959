/* SPDX-License-Identifier: ISC */
/* One document, from its fields to the lines, alone and in pairs. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <stdint.h>
#include <cmocka.h>

#include "policy_fixture.h"

/* Over the standard world: alice's ed is an admin's, bob's ec256 another
 * member's, ec384 the project's, rsa2048 a stranger's, putty nobody's. */
static void
check(const char *inside, const char *rows, const char *refused)
{
	struct world w;

	world_standard(&w);
	world_doc(&w, GRANT_FILE, inside);
	EXPECT(&w, rows, refused);
	/* A fleet's document alone comes to the same. */
	if (strstr(rows, "file") == NULL) {
		world_no_doc(&w, GRANT_FILE);
		world_doc(&w, GRANT_FLEET, inside);
		EXPECT(&w, rows, refused);
	}
	world_free(&w);
}

static void
test_keys(void **state)
{
	(void)state;
	check("'keys':{},'users':{'root':{}}",
	    "u root ec384\nu root rsa2048\nu root ec256\nu root ed\n"
	    "u root putty\n",
	    "");
	check("'keys':{'types':['ssh-ed25519']},'users':{'root':{}}",
	    "u root ed\nu root putty\n",
	    "ec384 key-type\nrsa2048 key-type\nec256 key-type\n");
	check("'keys':{'rsa_min_bits':3072},'users':{'root':{}}",
	    "u root ec384\nu root ec256\nu root ed\nu root putty\n",
	    "rsa2048 rsa-bits\n");
	check("'keys':{'max_age':'9d'},'users':{'root':{}}", "",
	    "ec384 no-date\nrsa2048 no-date\nec256 no-date\ned no-date\n"
	    "putty no-date\n");
	check("'keys':{'require_member':true},'users':{'root':{}}",
	    "u root ec384\nu root ec256\nu root ed\n",
	    "rsa2048 not-member\nputty no-owner\n");
	check("'keys':{'deny':['SHA256:"
	      "pken31a+b1VBCWFYjTdxgri5OXGCxLj7AJ/opSyeETU']},"
	      "'users':{'root':{'sources':['device']}}",
	    "u root ec256\n",
	    "ec384 no-account\nrsa2048 no-account\ned denied\n"
	    "putty no-account\n");
}

static void
test_rules(void **state)
{
	static const char others[] =
	    "ec384 no-account\nrsa2048 no-account\nec256 no-account\n"
	    "putty no-account\n";

	(void)state;
	check("'users':{'a':{'owners':['alice@EXAMPLE.com']}}", "u a ed\n",
	    others);
	check("'users':{'a':{'owners':['AL1CE']}}", "u a ed\n", others);
	check("'users':{'a':{'owners':['" ALICE_ID "']}}", "u a ed\n", others);
	check("'users':{'a':{'roles':['admin']}}", "u a ed\n", others);
	check("'users':{'alice':{'owners':['%u@example.com']}}", "u alice ed\n",
	    others);
	check("'users':{'a':{'tags':['t']}}", "",
	    "ec384 no-account\nrsa2048 no-account\nec256 no-account\n"
	    "ed no-account\nputty no-account\n");
	check("'users':{'a':{'sources':['device'],'roles':['admin']}}",
	    "u a ed\n", others);
	check("'users':{'a':{'sources':['project'],'roles':['admin']}}", "",
	    "ec384 no-account\nrsa2048 no-account\nec256 no-account\n"
	    "ed no-account\nputty no-account\n");
	check("'users':{'a':{'options':'restrict,pty',"
	      "'owners':['al1ce']}}",
	    "u a ed [restrict,pty]\n", others);
}

/* `*` is for whoever has no rule of his own, and never for root. */
static void
test_star(void **state)
{
	static const char others[] =
	    "ec384 no-account\nrsa2048 no-account\nputty no-account\n";

	(void)state;
	check("'users':{'*':{'owners':['al1ce','b0b']},"
	      "'bob':{'owners':['al1ce']}}",
	    "a * ec256 !file\na * ed !file\nu bob ed\n", others);
	check("'users':{'*':{'owners':['%u@example.com']}}",
	    "e alice ed !file\ne bob ec256 !file\n", others);
	/* Several ways to one account are one line. */
	check("'users':{'*':{'owners':['%u@example.com','%u@%u.com',"
	      "'%u@EXAMPLE.com']}}",
	    "e alice ed !file\ne bob ec256 !file\n", others);
	/* One who is let in by his e-mail is let in everywhere. */
	check("'users':{'*':{'owners':['%u@example.com','al1ce']}}",
	    "a * ed !file\ne bob ec256 !file\n", others);
}

static void
test_star_fleet(void **state)
{
	struct world w;

	(void)state;
	world_standard(&w);
	world_doc(&w, GRANT_FLEET,
	    "'users':{'*':{'sources':['project']}},"
	    "'groups':{'g':{'roles':['admin']}}");
	EXPECT(&w, "a * ec384 !fleet\na * ed fleet:g\n",
	    "rsa2048 no-account\nec256 no-account\nputty no-account\n");
	world_free(&w);
}

/* A group's rule is for root, too, and %u is the account in it. */
static void
test_groups(void **state)
{
	(void)state;
	check("'users':{'root':{'owners':['b0b']}},"
	      "'groups':{'wheel':{'roles':['admin']}}",
	    "a * ed file:wheel\nu root ec256\n",
	    "ec384 no-account\nrsa2048 no-account\nputty no-account\n");
	check("'groups':{'wheel':{'owners':['%u@example.com']}}",
	    "e alice ed file:wheel\ne bob ec256 file:wheel\n",
	    "ec384 no-account\nrsa2048 no-account\nputty no-account\n");
}

static void
check_tagged(
    const char *tag, const char *inside, const char *rows, const char *refused)
{
	struct keyrec *rec;
	struct world w;

	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, ALICE);
	world_tag(&w, rec, "t");
	world_tag(&w, rec, tag);
	world_member(&w, ALICE_ID, "", "alice@x", "admin");
	world_doc(&w, GRANT_FILE, inside);
	EXPECT(&w, rows, refused);
	world_free(&w);
}

static void
test_tag_user(void **state)
{
	static const char no[] = "ed no-account\n";

	(void)state;
	check_tagged("user:a", "'users':{'a':{},'b':{}}", "u a ed\n", "");
	check_tagged("user:a", "'users':{'b':{}}", "", no);
	check_tagged("user:A", "'users':{'a':{}}", "", no);
	/* Accounts that no rule names by name. */
	check_tagged("user:c", "'users':{'*':{}}", "u c ed\n", "");
	check_tagged("user:root", "'users':{'*':{}}", "", no);
	check_tagged("user:Root", "'users':{'*':{}}", "u Root ed\n", "");
	check_tagged("user:c", "'users':{'*':{},'c':{'tags':['no']}}", "", no);
	check_tagged("user:c", "'groups':{'g':{}}", "u c ed file:g\n", "");
	check_tagged(
	    "user:root", "'groups':{'g':{}}", "u root ed file:g\n", "");
	check_tagged("user:Alice", "'users':{'*':{'owners':['%u@x']}}",
	    "u Alice ed\n", "");
	check_tagged("user:bob", "'users':{'*':{'owners':['%u@x']}}", "", no);
	check_tagged("user:alice", "'groups':{'g':{'owners':['%u@x']}}",
	    "u alice ed file:g\n", "");
	check_tagged("user:", "'users':{'*':{}}", "", "ed tag-user\n");
	check_tagged("user:*", "'users':{'*':{}}", "", "ed tag-user\n");
}

static void
test_other_tags(void **state)
{
	(void)state;
	check_tagged("from:10.0.0.0/8", "'users':{'a':{}}",
	    "u a ed [from=\"10.0.0.0/8\"]\n", "");
	check_tagged("from:10.1.0.0/16",
	    "'users':{'a':{'options':'from=\\\"10.0.0.0/8\\\",no-pty'}}",
	    "u a ed [no-pty,from=\"10.1.0.0/16\"]\n", "");
	check_tagged("from:11.0.0.0/8",
	    "'users':{'a':{'options':'from=\\\"10.0.0.0/8\\\"'}}", "",
	    "ed from-disjoint\n");
	/* The other rule has a word, too. */
	check_tagged("from:11.0.0.0/8",
	    "'users':{'a':{'options':'from=\\\"10.0.0.0/8\\\"'},'b':{}}",
	    "u b ed [from=\"11.0.0.0/8\"]\n", "");
	check_tagged(
	    "from:10.0.0.1/8", "'users':{'a':{}}", "", "ed tag-from\n");
	check_tagged("from:!10.0.0.1", "'users':{'a':{}}", "", "ed tag-from\n");
	check_tagged("expires:2027-02-01", "'users':{'a':{}}",
	    "u a ed [expiry-time=\"20270201000000Z\"]\n", "");
	check_tagged(
	    "expires:2027-01-15", "'users':{'a':{}}", "", "ed tag-expired\n");
	check_tagged(
	    "expires:tomorrow", "'users':{'a':{}}", "", "ed tag-expires\n");
	check_tagged(
	    "Expires : never", "'users':{'a':{}}", "", "ed tag-expires\n");
}

static void
test_pairs(void **state)
{
	static const char no[] = "ed no-account\n";

	(void)state;
	check_tagged("deploy",
	    "'users':{'a':{'owners':['alice@x'],'tags':['deploy']}}",
	    "u a ed\n", "");
	check_tagged("deploy",
	    "'users':{'a':{'owners':['bob@x'],'tags':['deploy']}}", "", no);
	check_tagged("deploy",
	    "'users':{'a':{'owners':['alice@x'],'tags':['other']}}", "", no);
	check_tagged("deploy",
	    "'users':{'a':{'roles':['admin'],'sources':['device']}}",
	    "u a ed\n", "");
	check_tagged("deploy",
	    "'users':{'a':{'roles':['owner'],'sources':['device']}}", "", no);
	check_tagged("deploy",
	    "'keys':{'types':['ssh-rsa'],'max_age':'1d'},'users':{'a':{}}", "",
	    "ed key-type\n");
	check_tagged("deploy",
	    "'keys':{'types':['ssh-ed25519'],'max_age':'1d'},'users':{'a':{}}",
	    "", "ed no-date\n");
	check_tagged("user:a",
	    "'users':{'a':{'tags':['t','deploy']},'b':{'tags':['t']}}",
	    "u a ed\n", "");
	check_tagged("deploy", "'users':{'a':{'options':'cert-authority'}}",
	    "u a ed [cert-authority] CA\n", "");
}

/* The same key in two sources: each record's tags narrow. */
static void
test_two_records(void **state)
{
	struct keyrec *rec;
	struct world w;

	(void)state;
	world_init(&w);
	rec = world_key(&w, SOURCE_DEVICE, KEY_ED, "");
	world_tag(&w, rec, "user:a");
	world_tag(&w, rec, "user:b");
	world_tag(&w, rec, "from:10.0.0.0/8");
	rec = world_key(&w, SOURCE_PROJECT, KEY_ED, "");
	world_tag(&w, rec, "user:b");
	world_tag(&w, rec, "user:c");
	world_tag(&w, rec, "from:10.1.0.0/16,1.2.3.4");
	world_tag(&w, rec, "expires:2027-02-01");
	world_doc(&w, GRANT_FILE, "'users':{'a':{},'b':{},'c':{}}");
	EXPECT(&w,
	    "u b ed [from=\"10.1.0.0/16\","
	    "expiry-time=\"20270201000000Z\"]\n",
	    "");
	/* Also those of a source that counts no more. */
	w.until[SOURCE_PROJECT] = NOW;
	EXPECT(&w,
	    "u b ed [from=\"10.1.0.0/16\","
	    "expiry-time=\"20270201000000Z\"]\n",
	    "");
	rec->tags[0] = "user:d";
	EXPECT(&w, "", "ed no-account\n");
	rec->tags[0] = "user:b";
	rec->tags[2] = "from:1.2.3.4";
	EXPECT(&w, "", "ed tag-from-disjoint\n");
	rec->tags[2] = "from:*.example.com";
	EXPECT(&w, "", "ed tag-from-unclear\n");
	rec->tags[2] = "from:";
	EXPECT(&w, "", "ed tag-from\n");
	world_free(&w);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(test_keys),
	    cmocka_unit_test(test_rules),
	    cmocka_unit_test(test_star),
	    cmocka_unit_test(test_star_fleet),
	    cmocka_unit_test(test_groups),
	    cmocka_unit_test(test_tag_user),
	    cmocka_unit_test(test_other_tags),
	    cmocka_unit_test(test_pairs),
	    cmocka_unit_test(test_two_records),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
