/* SPDX-License-Identifier: Apache-2.0
 * The groups that main.c runs, and verifier keys that were made for these tests: nobody has the
 * secret halves. */
#ifndef EVH_UNIT_CONFIG_TESTS_H
#define EVH_UNIT_CONFIG_TESTS_H

int run_config_tests(void);
int run_config_mistakes_tests(void);

#define LOG_KEY "log.example+b0e2484b+AU0wanScCIbIdhsZsQN5q1HWwb577T9XkXBaCsYRmCZl"
#define LEADER_KEY "leader.example+4ef118da+ARDghs1VH9uFQmRBT9XEz0X0q8pqF24Zx5fS8xD2sotW"
#define HELPER_KEY "helper.example+3977011c+Afx75571QVKD4ustFdxK+nZJwyfMLV5rB67xUTRzmS6U"
#define COLLECTOR_KEY "collector.example+421a933f+AXhCR/ukEI9SXb5wK4+1Zn+N9k0HyXt5aBMS8iHDNpXe"
#define COSIGNER_KEY "witness.example+5dbd0981+BOixpqYX/jTZ2i+Y6EAiFNSOKM1791qnFoVfJl8C0gwr"

#endif
