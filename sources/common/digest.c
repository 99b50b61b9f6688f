#include "sources/common/digest.h"

#include <string.h>
#include <strings.h>

/* State of 32-bit and 64-bit algorithms alike; blocks are fed whole. */
struct state {
    uint32_t w[8];
    uint64_t x[8];
};

struct digest {
    const char *name;
    size_t block, size;
    bool little_endian;
    struct state start;
    void (*feed)(struct state *state, const uint8_t *block);
};

static uint32_t left(uint32_t n, unsigned by)
{
    return n << by | n >> (32 - by);
}

static uint32_t right(uint32_t n, unsigned by)
{
    return n >> by | n << (32 - by);
}

static uint64_t right64(uint64_t n, unsigned by)
{
    return n >> by | n << (64 - by);
}

static uint32_t be32(const uint8_t *p)
{
    return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint64_t be64(const uint8_t *p)
{
    return (uint64_t)be32(p) << 32 | be32(p + 4);
}

static void feed_md5(struct state *state, const uint8_t *block)
{
    /* floor(2^32 * |sin(i + 1)|) */
    static const uint32_t k[64] = {
        0xd76aa478, 0xe8c7b756, 0x242070db, 0xc1bdceee, 0xf57c0faf, 0x4787c62a, 0xa8304613, 0xfd469501,
        0x698098d8, 0x8b44f7af, 0xffff5bb1, 0x895cd7be, 0x6b901122, 0xfd987193, 0xa679438e, 0x49b40821,
        0xf61e2562, 0xc040b340, 0x265e5a51, 0xe9b6c7aa, 0xd62f105d, 0x02441453, 0xd8a1e681, 0xe7d3fbc8,
        0x21e1cde6, 0xc33707d6, 0xf4d50d87, 0x455a14ed, 0xa9e3e905, 0xfcefa3f8, 0x676f02d9, 0x8d2a4c8a,
        0xfffa3942, 0x8771f681, 0x6d9d6122, 0xfde5380c, 0xa4beea44, 0x4bdecfa9, 0xf6bb4b60, 0xbebfbc70,
        0x289b7ec6, 0xeaa127fa, 0xd4ef3085, 0x04881d05, 0xd9d4d039, 0xe6db99e5, 0x1fa27cf8, 0xc4ac5665,
        0xf4292244, 0x432aff97, 0xab9423a7, 0xfc93a039, 0x655b59c3, 0x8f0ccc92, 0xffeff47d, 0x85845dd1,
        0x6fa87e4f, 0xfe2ce6e0, 0xa3014314, 0x4e0811a1, 0xf7537e82, 0xbd3af235, 0x2ad7d2bb, 0xeb86d391,
    };
    static const uint8_t turns[4][4] = { { 7, 12, 17, 22 }, { 5, 9, 14, 20 }, { 4, 11, 16, 23 },
                                         { 6, 10, 15, 21 } };
    uint32_t a = state->w[0], b = state->w[1], c = state->w[2], d = state->w[3];
    for (unsigned i = 0; i < 64; i++) {
        unsigned round = i / 16, g = round == 0   ? i
                                     : round == 1 ? (5 * i + 1) % 16
                                     : round == 2 ? (3 * i + 5) % 16
                                                  : 7 * i % 16;
        uint32_t f = round == 0   ? (b & c) | (~b & d)
                     : round == 1 ? (d & b) | (~d & c)
                     : round == 2 ? b ^ c ^ d
                                  : c ^ (b | ~d);
        uint32_t m = (uint32_t)block[4 * g] | (uint32_t)block[4 * g + 1] << 8 |
                     (uint32_t)block[4 * g + 2] << 16 | (uint32_t)block[4 * g + 3] << 24;
        uint32_t next = b + left(a + f + k[i] + m, turns[round][i % 4]);
        a = d;
        d = c;
        c = b;
        b = next;
    }
    state->w[0] += a;
    state->w[1] += b;
    state->w[2] += c;
    state->w[3] += d;
}

static void feed_sha1(struct state *state, const uint8_t *block)
{
    uint32_t w[80], v[5];
    memcpy(v, state->w, sizeof(v));
    for (unsigned i = 0; i < 80; i++)
        w[i] = i < 16 ? be32(block + 4 * i) : left(w[i - 3] ^ w[i - 8] ^ w[i - 14] ^ w[i - 16], 1);
    for (unsigned i = 0; i < 80; i++) {
        uint32_t b = v[1], c = v[2], d = v[3];
        uint32_t f = i < 20   ? ((b & c) | (~b & d)) + 0x5a827999
                     : i < 40 ? (b ^ c ^ d) + 0x6ed9eba1
                     : i < 60 ? ((b & c) | (b & d) | (c & d)) + 0x8f1bbcdc
                              : (b ^ c ^ d) + 0xca62c1d6;
        uint32_t next = left(v[0], 5) + f + v[4] + w[i];
        v[4] = d;
        v[3] = c;
        v[2] = left(b, 30);
        v[1] = v[0];
        v[0] = next;
    }
    for (unsigned i = 0; i < 5; i++)
        state->w[i] += v[i];
}

/* Fractions of the cube roots of the first 80 primes; SHA-256 uses the upper halves of 64 of them. */
static const uint64_t roots[80] = {
    0x428a2f98d728ae22, 0x7137449123ef65cd, 0xb5c0fbcfec4d3b2f, 0xe9b5dba58189dbbc, 0x3956c25bf348b538,
    0x59f111f1b605d019, 0x923f82a4af194f9b, 0xab1c5ed5da6d8118, 0xd807aa98a3030242, 0x12835b0145706fbe,
    0x243185be4ee4b28c, 0x550c7dc3d5ffb4e2, 0x72be5d74f27b896f, 0x80deb1fe3b1696b1, 0x9bdc06a725c71235,
    0xc19bf174cf692694, 0xe49b69c19ef14ad2, 0xefbe4786384f25e3, 0x0fc19dc68b8cd5b5, 0x240ca1cc77ac9c65,
    0x2de92c6f592b0275, 0x4a7484aa6ea6e483, 0x5cb0a9dcbd41fbd4, 0x76f988da831153b5, 0x983e5152ee66dfab,
    0xa831c66d2db43210, 0xb00327c898fb213f, 0xbf597fc7beef0ee4, 0xc6e00bf33da88fc2, 0xd5a79147930aa725,
    0x06ca6351e003826f, 0x142929670a0e6e70, 0x27b70a8546d22ffc, 0x2e1b21385c26c926, 0x4d2c6dfc5ac42aed,
    0x53380d139d95b3df, 0x650a73548baf63de, 0x766a0abb3c77b2a8, 0x81c2c92e47edaee6, 0x92722c851482353b,
    0xa2bfe8a14cf10364, 0xa81a664bbc423001, 0xc24b8b70d0f89791, 0xc76c51a30654be30, 0xd192e819d6ef5218,
    0xd69906245565a910, 0xf40e35855771202a, 0x106aa07032bbd1b8, 0x19a4c116b8d2d0c8, 0x1e376c085141ab53,
    0x2748774cdf8eeb99, 0x34b0bcb5e19b48a8, 0x391c0cb3c5c95a63, 0x4ed8aa4ae3418acb, 0x5b9cca4f7763e373,
    0x682e6ff3d6b2b8a3, 0x748f82ee5defb2fc, 0x78a5636f43172f60, 0x84c87814a1f0ab72, 0x8cc702081a6439ec,
    0x90befffa23631e28, 0xa4506cebde82bde9, 0xbef9a3f7b2c67915, 0xc67178f2e372532b, 0xca273eceea26619c,
    0xd186b8c721c0c207, 0xeada7dd6cde0eb1e, 0xf57d4f7fee6ed178, 0x06f067aa72176fba, 0x0a637dc5a2c898a6,
    0x113f9804bef90dae, 0x1b710b35131c471b, 0x28db77f523047d84, 0x32caab7b40c72493, 0x3c9ebe0a15c9bebc,
    0x431d67c49c100d4c, 0x4cc5d4becb3e42b6, 0x597f299cfc657e2a, 0x5fcb6fab3ad6faec, 0x6c44198c4a475817,
};

static void feed_sha256(struct state *state, const uint8_t *block)
{
    uint32_t w[64], v[8];
    memcpy(v, state->w, sizeof(v));
    for (unsigned i = 0; i < 64; i++) {
        if (i < 16) {
            w[i] = be32(block + 4 * i);
            continue;
        }
        uint32_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (right(a, 7) ^ right(a, 18) ^ a >> 3) + w[i - 7] +
               (right(b, 17) ^ right(b, 19) ^ b >> 10);
    }
    for (unsigned i = 0; i < 64; i++) {
        uint32_t one = v[7] + (right(v[4], 6) ^ right(v[4], 11) ^ right(v[4], 25)) +
                       ((v[4] & v[5]) ^ (~v[4] & v[6])) + (uint32_t)(roots[i] >> 32) + w[i];
        uint32_t two = (right(v[0], 2) ^ right(v[0], 13) ^ right(v[0], 22)) +
                       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += one;
        v[0] = one + two;
    }
    for (unsigned i = 0; i < 8; i++)
        state->w[i] += v[i];
}

static void feed_sha512(struct state *state, const uint8_t *block)
{
    uint64_t w[80], v[8];
    memcpy(v, state->x, sizeof(v));
    for (unsigned i = 0; i < 80; i++) {
        if (i < 16) {
            w[i] = be64(block + 8 * i);
            continue;
        }
        uint64_t a = w[i - 15], b = w[i - 2];
        w[i] = w[i - 16] + (right64(a, 1) ^ right64(a, 8) ^ a >> 7) + w[i - 7] +
               (right64(b, 19) ^ right64(b, 61) ^ b >> 6);
    }
    for (unsigned i = 0; i < 80; i++) {
        uint64_t one = v[7] + (right64(v[4], 14) ^ right64(v[4], 18) ^ right64(v[4], 41)) +
                       ((v[4] & v[5]) ^ (~v[4] & v[6])) + roots[i] + w[i];
        uint64_t two = (right64(v[0], 28) ^ right64(v[0], 34) ^ right64(v[0], 39)) +
                       ((v[0] & v[1]) ^ (v[0] & v[2]) ^ (v[1] & v[2]));
        memmove(v + 1, v, 7 * sizeof(*v));
        v[4] += one;
        v[0] = one + two;
    }
    for (unsigned i = 0; i < 8; i++)
        state->x[i] += v[i];
}

static const struct digest digests[] = {
    { "MD5", 64, 16, true,
      { .w = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476 } }, feed_md5 },
    { "SHA-1", 64, 20, false,
      { .w = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } }, feed_sha1 },
    { "SHA", 64, 20, false,
      { .w = { 0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476, 0xc3d2e1f0 } }, feed_sha1 },
    { "SHA-224", 64, 28, false,
      { .w = { 0xc1059ed8, 0x367cd507, 0x3070dd17, 0xf70e5939, 0xffc00b31, 0x68581511, 0x64f98fa7,
               0xbefa4fa4 } },
      feed_sha256 },
    { "SHA-256", 64, 32, false,
      { .w = { 0x6a09e667, 0xbb67ae85, 0x3c6ef372, 0xa54ff53a, 0x510e527f, 0x9b05688c, 0x1f83d9ab,
               0x5be0cd19 } },
      feed_sha256 },
    { "SHA-384", 128, 48, false,
      { .x = { 0xcbbb9d5dc1059ed8, 0x629a292a367cd507, 0x9159015a3070dd17, 0x152fecd8f70e5939,
               0x67332667ffc00b31, 0x8eb44a8768581511, 0xdb0c2e0d64f98fa7, 0x47b5481dbefa4fa4 } },
      feed_sha512 },
    { "SHA-512", 128, 64, false,
      { .x = { 0x6a09e667f3bcc908, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
               0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179 } },
      feed_sha512 },
};

const struct digest *digest_find(const char *name)
{
    for (size_t i = 0; i < sizeof(digests) / sizeof(*digests); i++)
        if (strcasecmp(digests[i].name, name) == 0)
            return &digests[i];
    return NULL;
}

/* The rest of the data, a one bit, zeros, and the length in bits. */
static void feed_last(const struct digest *digest, struct state *state, const uint8_t *rest,
                      size_t len, uint64_t total)
{
    uint8_t last[256] = { 0 };
    size_t length_size = digest->block / 8, size = digest->block;
    memcpy(last, rest, len);
    last[len] = 0x80;
    if (len + 1 + length_size > size)
        size += digest->block;
    for (size_t i = 0; i < 8; i++) {
        uint8_t byte = (uint8_t)(total * 8 >> 8 * i);
        last[digest->little_endian ? size - 8 + i : size - 1 - i] = byte;
    }
    for (size_t at = 0; at < size; at += digest->block)
        digest->feed(state, last + at);
}

size_t digest_bytes(const struct digest *digest, const void *data, size_t len,
                    uint8_t out[DIGEST_MAX])
{
    struct state state = digest->start;
    const uint8_t *at = data;
    size_t left_over = len;
    for (; left_over >= digest->block; at += digest->block, left_over -= digest->block)
        digest->feed(&state, at);
    feed_last(digest, &state, at, left_over, len);
    for (size_t i = 0; i < digest->size; i++) {
        if (digest->block == 128)
            out[i] = (uint8_t)(state.x[i / 8] >> (56 - 8 * (i % 8)));
        else
            out[i] = (uint8_t)(state.w[i / 4] >>
                               (digest->little_endian ? 8 * (i % 4) : 24 - 8 * (i % 4)));
    }
    return digest->size;
}
