/* SPDX-License-Identifier: Apache-2.0
 * All 25 lanes are local variables and the rounds are written out, so that the compiler can keep
 * lanes in registers and choose rotates and and-nots freely. Lane (x, y) of the state is named with
 * its two digits; odd rounds read the a lanes and write the e lanes, even rounds the reverse. */
#include "keccak_internal.h"

#define ROTATE(word, by) (((word) << (by)) | ((word) >> (64 - (by))))

/* theta's effect on sheet x, computed from the column parities c */
#define PARITIES(A)                                                                                \
    c0 = A##00 ^ A##01 ^ A##02 ^ A##03 ^ A##04;                                                    \
    c1 = A##10 ^ A##11 ^ A##12 ^ A##13 ^ A##14;                                                    \
    c2 = A##20 ^ A##21 ^ A##22 ^ A##23 ^ A##24;                                                    \
    c3 = A##30 ^ A##31 ^ A##32 ^ A##33 ^ A##34;                                                    \
    c4 = A##40 ^ A##41 ^ A##42 ^ A##43 ^ A##44;                                                    \
    d0 = c4 ^ ROTATE(c1, 1);                                                                       \
    d1 = c0 ^ ROTATE(c2, 1);                                                                       \
    d2 = c1 ^ ROTATE(c3, 1);                                                                       \
    d3 = c2 ^ ROTATE(c4, 1);                                                                       \
    d4 = c3 ^ ROTATE(c0, 1)

/* chi on the row b0..b4, giving plane y of E */
#define CHI(E, y)                                                                                  \
    E##0##y = b0 ^ (~b1 & b2);                                                                     \
    E##1##y = b1 ^ (~b2 & b3);                                                                     \
    E##2##y = b2 ^ (~b3 & b4);                                                                     \
    E##3##y = b3 ^ (~b4 & b0);                                                                     \
    E##4##y = b4 ^ (~b0 & b1)

/* theta, rho and pi give each row of five lanes; then chi, and iota on lane (0, 0) */
#define ROUND(A, E, constant)                                                                      \
    PARITIES(A);                                                                                   \
    b0 = A##00 ^ d0;                                                                               \
    b1 = ROTATE(A##11 ^ d1, 44);                                                                   \
    b2 = ROTATE(A##22 ^ d2, 43);                                                                   \
    b3 = ROTATE(A##33 ^ d3, 21);                                                                   \
    b4 = ROTATE(A##44 ^ d4, 14);                                                                   \
    CHI(E, 0);                                                                                     \
    E##00 ^= UINT64_C(constant);                                                                   \
    b0 = ROTATE(A##30 ^ d3, 28);                                                                   \
    b1 = ROTATE(A##41 ^ d4, 20);                                                                   \
    b2 = ROTATE(A##02 ^ d0, 3);                                                                    \
    b3 = ROTATE(A##13 ^ d1, 45);                                                                   \
    b4 = ROTATE(A##24 ^ d2, 61);                                                                   \
    CHI(E, 1);                                                                                     \
    b0 = ROTATE(A##10 ^ d1, 1);                                                                    \
    b1 = ROTATE(A##21 ^ d2, 6);                                                                    \
    b2 = ROTATE(A##32 ^ d3, 25);                                                                   \
    b3 = ROTATE(A##43 ^ d4, 8);                                                                    \
    b4 = ROTATE(A##04 ^ d0, 18);                                                                   \
    CHI(E, 2);                                                                                     \
    b0 = ROTATE(A##40 ^ d4, 27);                                                                   \
    b1 = ROTATE(A##01 ^ d0, 36);                                                                   \
    b2 = ROTATE(A##12 ^ d1, 10);                                                                   \
    b3 = ROTATE(A##23 ^ d2, 15);                                                                   \
    b4 = ROTATE(A##34 ^ d3, 56);                                                                   \
    CHI(E, 3);                                                                                     \
    b0 = ROTATE(A##20 ^ d2, 62);                                                                   \
    b1 = ROTATE(A##31 ^ d3, 55);                                                                   \
    b2 = ROTATE(A##42 ^ d4, 39);                                                                   \
    b3 = ROTATE(A##03 ^ d0, 41);                                                                   \
    b4 = ROTATE(A##14 ^ d1, 2);                                                                    \
    CHI(E, 4)

void evh_keccak_p1600_12(uint64_t lanes[25])
{
    uint64_t a00 = lanes[0], a10 = lanes[1], a20 = lanes[2], a30 = lanes[3], a40 = lanes[4];
    uint64_t a01 = lanes[5], a11 = lanes[6], a21 = lanes[7], a31 = lanes[8], a41 = lanes[9];
    uint64_t a02 = lanes[10], a12 = lanes[11], a22 = lanes[12], a32 = lanes[13], a42 = lanes[14];
    uint64_t a03 = lanes[15], a13 = lanes[16], a23 = lanes[17], a33 = lanes[18], a43 = lanes[19];
    uint64_t a04 = lanes[20], a14 = lanes[21], a24 = lanes[22], a34 = lanes[23], a44 = lanes[24];
    uint64_t e00, e10, e20, e30, e40, e01, e11, e21, e31, e41, e02, e12, e22, e32, e42;
    uint64_t e03, e13, e23, e33, e43, e04, e14, e24, e34, e44;
    uint64_t b0, b1, b2, b3, b4, c0, c1, c2, c3, c4, d0, d1, d2, d3, d4;

    ROUND(a, e, 0x000000008000808b);
    ROUND(e, a, 0x800000000000008b);
    ROUND(a, e, 0x8000000000008089);
    ROUND(e, a, 0x8000000000008003);
    ROUND(a, e, 0x8000000000008002);
    ROUND(e, a, 0x8000000000000080);
    ROUND(a, e, 0x000000000000800a);
    ROUND(e, a, 0x800000008000000a);
    ROUND(a, e, 0x8000000080008081);
    ROUND(e, a, 0x8000000000008080);
    ROUND(a, e, 0x0000000080000001);
    ROUND(e, a, 0x8000000080008008);

    lanes[0] = a00, lanes[1] = a10, lanes[2] = a20, lanes[3] = a30, lanes[4] = a40;
    lanes[5] = a01, lanes[6] = a11, lanes[7] = a21, lanes[8] = a31, lanes[9] = a41;
    lanes[10] = a02, lanes[11] = a12, lanes[12] = a22, lanes[13] = a32, lanes[14] = a42;
    lanes[15] = a03, lanes[16] = a13, lanes[17] = a23, lanes[18] = a33, lanes[19] = a43;
    lanes[20] = a04, lanes[21] = a14, lanes[22] = a24, lanes[23] = a34, lanes[24] = a44;
}
