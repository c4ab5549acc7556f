// SPDX-License-Identifier: Apache-2.0
//! What this thread has computed, not what it waited for others on the same machine.

pub fn now_ns() -> u128 {
    let mut now = libc::timespec {
        tv_sec: 0,
        tv_nsec: 0,
    };
    // SAFETY: the call writes to `now`, which lives until it returns, and nowhere else.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_THREAD_CPUTIME_ID, &mut now) };
    assert_eq!(failed, 0, "the thread has a clock");
    now.tv_sec as u128 * 1_000_000_000 + now.tv_nsec as u128
}
