/*
 * Keys made by ssh-keygen and PuTTYgen for these tests, with the sizes and
 * fingerprints that `ssh-keygen -lf` printed.  The two sk- keys are put
 * together by hand (no security key at hand) but read by ssh-keygen all the
 * same.  Nobody has the private halves.
 */
#ifndef TESTS_UNIT_PUBKEY_SAMPLES_H
#define TESTS_UNIT_PUBKEY_SAMPLES_H

#include "policy/pubkey.h"

#define B64_ED25519                                                      \
	"AAAAC3NzaC1lZDI1NTE5AAAAIK9IrDfoO8QKhSujiCwH5Ce35penvfUmsoi6Y3" \
	"xFDOPb"

#define B64_ECDSA256                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKRfhWpdsO" \
	"NBmhcXlgT9lCZQNEldSILrhQIkHvwYvGjPi45c+lulmwILVPNvlbgCBryK7w0j" \
	"+gtqliaiI+pPAPg="

#define B64_ECDSA384                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAzODQAAAAIbmlzdHAzODQAAABhBEc/wsyfnm" \
	"DSy2Y7fAe9s3eqPaMlBklIK1VT6AkrN9wOuX7xPqUqJJ51ekeiluqh0ZfH5Lr/" \
	"zFMImteCfsnXdgUwW/DWz13zfrub+5dRVbQiRj7iOV6kaGStuTBt4ryX8w=="

#define B64_ECDSA521                                                     \
	"AAAAE2VjZHNhLXNoYTItbmlzdHA1MjEAAAAIbmlzdHA1MjEAAACFBAGmg4NjnV" \
	"DamTWnTe4ddEZAOpAU8/URQVYt2um3ySp4SfaGUAGGIwFnkg9b6U6IpPO7G+VH" \
	"x65xBe9oL2XR5pCbmwGxeMQeyO63n3HNODZ8/BYa7Db2JqB7O99X0zGywscYna" \
	"431FHdSxwDeq7lY0RUfk9OPw+CoweehepB1UpC8ejfEA=="

#define B64_RSA1024                                                      \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAgQDQC1Lopfwf/emT5jEzZR24tAosS0RdEj" \
	"T57j308XKm1L59VZGDg7YCV/PzKw1+GzA8b58MKwGZ/4VQRGKEUtzCqZWv5i2a" \
	"dq7k1iBRsVon+QbeltiVBYRcH2OQNv9dQDwaVyUxc6apR8gxbEQQ8PmBcDJ8e2" \
	"b9oYFzZgFaFsLAvw=="

#define B64_PUTTY2048                                                    \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQDJA0FFf4IkQcfHSVZoU7w2BMtBkNi48E" \
	"PkYiNDvP/RevXnairTEna67R83xjS0VtzfrrvQzwrinXaT2JVmudC4mYpn+eP3" \
	"ff3UYQyod37by/dIIF6BqhUVRPPbq87JYJT4PIjEDjm4T4YaqbENQ/Zw1j2y03" \
	"95SswUfN1Zh08BK85yP/gQ7IAfrtzVK0HfE6QuKECtvVkCXHkRHYIIIksZsXLv" \
	"ZkxSMfurRiPp00fjyxfmxepD9sw04xjQ9sW4ZMa9FuD7GAuIxzWhGwj0vM7TV6" \
	"JoSGJe9PDvsFtSe3KE+cSbb5TPwTVJgRmiY/qJ3E9zIX7pOW9q5+D2BvhgVR3N"

#define B64_RSA3072                                                      \
	"AAAAB3NzaC1yc2EAAAADAQABAAABgQDLi0048zx4H91Tsy7GH8M3Cbv0/7nV3y" \
	"1BEnVpI5biM7byUE3pTbBuPnGwh+kt8D0/eMQBgTSDjM5XflGUpyXMkZd3/Moj" \
	"QjOfQDxJsX/mmhfG6cXSXWCNJZwiQLGBiUPV2d1dUak3Jsz0gHWA9cobGKSgYO" \
	"Ddw5MTiUBJVbx5+K2u/a7K2tMOZR4YGHpgqct9YbGzbvNhgc3lxU/28I95kF/F" \
	"c7a4ftXQjOBPeNeyMYCI+wGpQr09Fspq5bLhi8cc5h3ZE+HY5JBHZsxXzo+YWc" \
	"0X3nGPZqNnfFWDV+aHfAEY3X9u6tamSrzCTYL9cdgaT2YkcMOY8Rt54EbH+C74" \
	"jyAODxa0N9e5tJNQ5AaPQtwSb1aKddNdKucdhhbvhZFqRP+g2egNhOi9FdIBne" \
	"/AGlc+zC0tAbxjgXqnIvUpoeJiqul51Tp5UBQSV1LlkziSqdAiJ+iTBJ9RcFd3" \
	"U0aMLzrGiyLhXJv/79v4Ggn5QLpK/welsonptz/tw0WRdzs="

#define B64_RSA4096                                                      \
	"AAAAB3NzaC1yc2EAAAADAQABAAACAQDRXNUU4xDtyAW4y5LvJgunL54iVDjW1M" \
	"wdIw1BzN/DiNEs6EC+moukilPfrvK0yCmbs004UH/vRy6CvTBVt3rFacA/LRiF" \
	"/JwtcyfPL+PPXk+qX5dBL7leOeGtBLOPkxKybkZxRhgRYyIpGuJBQNDBXFxUKb" \
	"5lIDjUx1bN3vpMYx1zN8ZvvLuiGZVMLiY25wfvOvD35SJNJuStLEGl7RQU2JgB" \
	"qgswCXmf5S5c8WHCU4p5MZHBwbA/qKy+GU9CCQIhqBgWICKJtDD3gbUwIpQqfk" \
	"hiBZ9+fTTOEwyiKvUDbQ88b9PmkoPRAcgPNK+fbtAfTa+W0vw5TYVG/YZVT+2g" \
	"rFgfDH7wn02vYtvVXfrGhQxye89s4/kEXssIzp7AoINinGCLCLP372NjpHn0Mv" \
	"a1poYskvRm4EjNqnJ3WS7ysxS2mqEdzb3WcIeKx3IZUgglqS9FvjIJXM+sSWsv" \
	"POHnHPCJNfrvAvQ6ENhHr4Jv8yVWB3WN6a54ezPjzBbpIeHix0awkFd66rsaTS" \
	"S1jzjK3ggkqGLAxiOXuR6nuUNNFeugnmbD+j5WARRYw4X+22JYc9SrgJCHua2D" \
	"yQhPZ4/J+mW9OoCg1rAuMGs/RzEzagPiyWrOlz7gOVURj2Hif+TCkQwtS2T37j" \
	"2AHO8thz9ISDoYedVJqNvoRiX010YxIQ=="

#define B64_SK25519                                                      \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIK9IrDfoO8QKhSujiC" \
	"wH5Ce35penvfUmsoi6Y3xFDOPbAAAABHNzaDo="

#define B64_SKECDSA                                                      \
	"AAAAInNrLWVjZHNhLXNoYTItbmlzdHAyNTZAb3BlbnNzaC5jb20AAAAIbmlzdH" \
	"AyNTYAAABBBKRfhWpdsONBmhcXlgT9lCZQNEldSILrhQIkHvwYvGjPi45c+lul" \
	"mwILVPNvlbgCBryK7w0j+gtqliaiI+pPAPgAAAAIc3NoOndvcms="

#define B64_PUTTY25519                                                   \
	"AAAAC3NzaC1lZDI1NTE5AAAAIBmkZEW/VzolWqj76ZHe6eyYqp7Pdq3DVGG1K8" \
	"ggYWWY"

#define B64_DSA                                                          \
	"AAAAB3NzaC1kc3MAAACBAOkFeNvLB9+JT2Ga6CbtjxEfHH83iYrrTZA3jbiqDI" \
	"2m/visLsjio82tk5n1VM6eSpSO8iW8n8bTMTQAWRUPVc4yIpDMQB/mGAL3XVb1" \
	"nBDNTbx0b13qukQmEP6GGUf4PREHLdw12Msok+agQu+H16tXZJRdqIO2Ho3hez" \
	"kHAXmtAAAAFQCVw5fxuxcsjtZenvgFWJ7ddl+xbwAAAIBKkQQmHhhAK67gQ5a6" \
	"blEu/ac5NnfgcY2tetUNuNrDOAPr3PTPQOxVOj5fBuS0Q21w2n/phj6jQBRhZo" \
	"rytVUJT8bFVZ6w/vQ3C0FBb4eSZyF/FkI85ZGElqfDUiqjCgMYue6MIJrFI/HQ" \
	"/36WAQC2kRR6BIMqGUGW8yZR4dD+UAAAAIEAmmFqXy0CH7/Al2z6J2jvd2lUFz" \
	"Jb8UUt8VsMFypKXqilofIQcSelTUyuZfJI2AgNrPLam6qY1AwaSDgCatm7Wwb5" \
	"Zn68MVSNc1Gc440L/zSqR5KzJoSpAWN8b6U44jI1p+nIN19XwPb3ORRuO2qEnm" \
	"BYC/neA37koHLrMk0X4JQ="

#define B64_CERT                                                         \
	"AAAAIHNzaC1lZDI1NTE5LWNlcnQtdjAxQG9wZW5zc2guY29tAAAAILpR14uN4J" \
	"RNIiMZMGaPmQD7QP4iub0y7MHit3Bi2axmAAAAIK9IrDfoO8QKhSujiCwH5Ce3" \
	"5penvfUmsoi6Y3xFDOPbAAAAAAAAAAAAAAABAAAAAmlkAAAACAAAAARyb290AA" \
	"AAAAAAAAD//////////wAAAAAAAACCAAAAFXBlcm1pdC1YMTEtZm9yd2FyZGlu" \
	"ZwAAAAAAAAAXcGVybWl0LWFnZW50LWZvcndhcmRpbmcAAAAAAAAAFnBlcm1pdC" \
	"1wb3J0LWZvcndhcmRpbmcAAAAAAAAACnBlcm1pdC1wdHkAAAAAAAAADnBlcm1p" \
	"dC11c2VyLXJjAAAAAAAAAAAAAAAzAAAAC3NzaC1lZDI1NTE5AAAAILVSsjNobz" \
	"AQWVr25CA6AjkhtQRG44t7h98tPIfjdRKWAAAAUwAAAAtzc2gtZWQyNTUxOQAA" \
	"AEDS1QXSxaQCMQQgGPuYFvL2jMial/bqLwk48SLUTvlcJ5vvyeBbiFBRA4BrCu" \
	"h0acfjTSf9rFhRpUag6kgmYjQJ"

/* 512 bits. */
#define B64_RSA512                                                       \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAQQCwXQ0fNa425wF0UwPwwDthLkqQmBOHT0" \
	"E1ABBfPyVnI2EyqnVlYrD6oArSGo2ZI4ljvBFT3RZvAw88aaczc5lL"

/* The same in lines, for an RFC 4716 block. */
#define LINES_DSA                                                        \
	"AAAAB3NzaC1kc3MAAACBAOkFeNvLB9+JT2Ga6CbtjxEfHH83iYrrTZA3jbiq\n" \
	"DI2m/visLsjio82tk5n1VM6eSpSO8iW8n8bTMTQAWRUPVc4yIpDMQB/mGAL3\n" \
	"XVb1nBDNTbx0b13qukQmEP6GGUf4PREHLdw12Msok+agQu+H16tXZJRdqIO2\n" \
	"Ho3hezkHAXmtAAAAFQCVw5fxuxcsjtZenvgFWJ7ddl+xbwAAAIBKkQQmHhhA\n" \
	"K67gQ5a6blEu/ac5NnfgcY2tetUNuNrDOAPr3PTPQOxVOj5fBuS0Q21w2n/p\n" \
	"hj6jQBRhZorytVUJT8bFVZ6w/vQ3C0FBb4eSZyF/FkI85ZGElqfDUiqjCgMY\n" \
	"ue6MIJrFI/HQ/36WAQC2kRR6BIMqGUGW8yZR4dD+UAAAAIEAmmFqXy0CH7/A\n" \
	"l2z6J2jvd2lUFzJb8UUt8VsMFypKXqilofIQcSelTUyuZfJI2AgNrPLam6qY\n" \
	"1AwaSDgCatm7Wwb5Zn68MVSNc1Gc440L/zSqR5KzJoSpAWN8b6U44jI1p+nI\n" \
	"N19XwPb3ORRuO2qEnmBYC/neA37koHLrMk0X4JQ=\n"

#define LINES_RSA512                                                     \
	"AAAAB3NzaC1yc2EAAAADAQABAAAAQQCwXQ0fNa425wF0UwPwwDthLkqQmBOH\n" \
	"T0E1ABBfPyVnI2EyqnVlYrD6oArSGo2ZI4ljvBFT3RZvAw88aaczc5lL\n"

#define LINES_SK25519                                                    \
	"AAAAGnNrLXNzaC1lZDI1NTE5QG9wZW5zc2guY29tAAAAIK9IrDfoO8QKhSuj\n" \
	"iCwH5Ce35penvfUmsoi6Y3xFDOPbAAAABHNzaDo=\n"

/* As PuTTYgen and ssh-keygen -e saved them. */
#define BLOCK_PUTTY2048                                                      \
	"---- BEGIN SSH2 PUBLIC KEY ----\n"                                  \
	"Comment: \"say \\\"hi\\\" DOM\\\\user\"\n"                          \
	"AAAAB3NzaC1yc2EAAAADAQABAAABAQDJA0FFf4IkQcfHSVZoU7w2BMtBkNi48EPk\n" \
	"YiNDvP/RevXnairTEna67R83xjS0VtzfrrvQzwrinXaT2JVmudC4mYpn+eP3ff3U\n" \
	"YQyod37by/dIIF6BqhUVRPPbq87JYJT4PIjEDjm4T4YaqbENQ/Zw1j2y0395SswU\n" \
	"fN1Zh08BK85yP/gQ7IAfrtzVK0HfE6QuKECtvVkCXHkRHYIIIksZsXLvZkxSMfur\n" \
	"RiPp00fjyxfmxepD9sw04xjQ9sW4ZMa9FuD7GAuIxzWhGwj0vM7TV6JoSGJe9PDv\n" \
	"sFtSe3KE+cSbb5TPwTVJgRmiY/qJ3E9zIX7pOW9q5+D2BvhgVR3N\n"             \
	"---- END SSH2 PUBLIC KEY ----\n"

#define BLOCK_PUTTY25519                                                     \
	"---- BEGIN SSH2 PUBLIC KEY ----\n"                                  \
	"Comment: \"putty\"\n"                                               \
	"AAAAC3NzaC1lZDI1NTE5AAAAIBmkZEW/VzolWqj76ZHe6eyYqp7Pdq3DVGG1K8gg\n" \
	"YWWY\n"                                                             \
	"---- END SSH2 PUBLIC KEY ----\n"

#define BLOCK_ECDSA256                                                         \
	"---- BEGIN SSH2 PUBLIC KEY ----\n"                                    \
	"Comment: \"256-bit ECDSA, converted by root@vm from OpenSSH\"\n"      \
	"AAAAE2VjZHNhLXNoYTItbmlzdHAyNTYAAAAIbmlzdHAyNTYAAABBBKRfhWpdsONBmhcX" \
	"lg\n"                                                                 \
	"T9lCZQNEldSILrhQIkHvwYvGjPi45c+lulmwILVPNvlbgCBryK7w0j+gtqliaiI+"     \
	"pPAPg=\n"                                                             \
	"---- END SSH2 PUBLIC KEY ----\n"

struct sample {
	enum pubkey_type type;
	unsigned bits;
	const char *name, *b64, *comment, *fp;
};

static const struct sample samples[] = {
    {PUBKEY_ED25519, 256, "ssh-ed25519", B64_ED25519, "alice@example.com",
	"SHA256:pken31a+b1VBCWFYjTdxgri5OXGCxLj7AJ/opSyeETU"},
    {PUBKEY_ECDSA_256, 256, "ecdsa-sha2-nistp256", B64_ECDSA256, "bob laptop",
	"SHA256:iiWGSO4ZjGlbveEjbDriW7L1HqBi2Pq+Jj09RIxpT4k"},
    {PUBKEY_ECDSA_384, 384, "ecdsa-sha2-nistp384", B64_ECDSA384, "",
	"SHA256:RD4E31kIVU/NU1BEFfDbQvBjA+X2bAf90ZIVcD3mgcg"},
    {PUBKEY_ECDSA_521, 521, "ecdsa-sha2-nistp521", B64_ECDSA521, "Zoë",
	"SHA256:zdM8bCSYXz8ebksYWD0iTCSAvnxWxe512ir+3IxnQSg"},
    {PUBKEY_RSA, 1024, "ssh-rsa", B64_RSA1024, "old",
	"SHA256:7RJ8YVI7oi/ASvFCWLmU0vA3A2sShRePyERbgCbmWnU"},
    {PUBKEY_RSA, 2048, "ssh-rsa", B64_PUTTY2048, "say \"hi\" DOM\\user",
	"SHA256:V+HdkMp/UmKE3TR7OnUwcjkKyi3uUYI7mVs/wLGX90A"},
    {PUBKEY_RSA, 3072, "ssh-rsa", B64_RSA3072, "ci",
	"SHA256:wa4NOphKwEVT0IyxRkV343oPWNK4h/kb0Cbw97BhFQY"},
    {PUBKEY_RSA, 4096, "ssh-rsa", B64_RSA4096, "backup",
	"SHA256:Fud3W6o8A8RAkKZbl7rwATRU0+l8UH64ro+/503w+nk"},
    {PUBKEY_SK_ED25519, 256, "sk-ssh-ed25519@openssh.com", B64_SK25519, "yubi",
	"SHA256:S8TWUPtyLTFooAPkKXLqIII93E17lgWfGK3ybiVaqc0"},
    {PUBKEY_SK_ECDSA_256, 256, "sk-ecdsa-sha2-nistp256@openssh.com",
	B64_SKECDSA, "token",
	"SHA256:HLzW81WAJ/+EcuieBO9b5SEB7yb6ZTC/f19NY7bsou8"},
    {PUBKEY_ED25519, 256, "ssh-ed25519", B64_PUTTY25519, "putty",
	"SHA256:r6tBgX942m6sgftVIXdvCPnFUDU8TXcS+PgLtbA/tpo"},
};
#define SAMPLES (sizeof(samples) / sizeof(samples[0]))

#endif
