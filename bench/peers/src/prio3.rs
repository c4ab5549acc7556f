// SPDX-License-Identifier: Apache-2.0
//! Prio3 with the `prio` crate: every call takes and gives encoded messages.

use crate::cpu_time::now_ns;
use crate::protocol::{to_hex, to_list, Answer, Fault, Request};
use prio::codec::{Encode, ParameterizedDecode};
use prio::field::{Field128, Field64};
use prio::flp::gadgets::{Mul, ParallelSum};
use prio::flp::types::{Count, Histogram, MultihotCountVec, Sum, SumVec};
use prio::flp::Type;
use prio::vdaf::prio3::{optimal_chunk_length, Prio3};
use prio::vdaf::xof::XofTurboShake128;
use prio::vdaf::{Aggregator, Client, Collector, Vdaf, VerifyTransition};
use std::hint::black_box;

const AGGREGATORS: u8 = 2;
const MULTIPROOF_ID: u32 = 0xFFFF_FFFF;
const MULTIPROOF_PROOFS: u8 = 3;

type Instance<T> = Prio3<T, XofTurboShake128, 32>;

/// An instance with the ways in and out of its measurement types.
struct Peer<T: Type> {
    vdaf: Instance<T>,
    measurement: fn(&[u128]) -> T::Measurement,
    result: fn(T::AggregateResult) -> Vec<u128>,
}

/// What all aggregation requests carry.
struct Report {
    ctx: Vec<u8>,
    key: [u8; 32],
    nonce: [u8; 16],
    aggregator: usize,
    public: Vec<u8>,
    share: Vec<u8>,
}

impl Report {
    fn of(request: &Request) -> Result<Self, Fault> {
        Ok(Report {
            ctx: request.bytes("ctx")?,
            key: request.array("key")?,
            nonce: request.array("nonce")?,
            aggregator: request.number("aggregator")?,
            public: request.bytes("public")?,
            share: request.bytes("share")?,
        })
    }
}

impl<T: Type> Peer<T> {
    fn answer(&self, request: &Request) -> Answer {
        match request.command {
            "shard" => self.shard(request),
            "verify_init" => self.verify_init(request),
            "shares_to_message" => self.shares_to_message(request),
            "verify_next" => self.verify_next(request),
            "aggregate" => self.aggregate(request),
            "unshard" => self.unshard(request),
            "time_shard" => self.time_shard(request),
            "time_verify_init" => self.time_verify_init(request),
            other => Err(Fault::Bad(format!("no command {other}"))),
        }
    }

    fn run_shard(
        &self,
        ctx: &[u8],
        nonce: &[u8; 16],
        measurement: &T::Measurement,
    ) -> Result<(Vec<u8>, Vec<Vec<u8>>), Fault> {
        let (public, shares) = self
            .vdaf
            .shard(ctx, measurement, nonce)
            .map_err(Fault::refused)?;
        let shares: Result<Vec<_>, _> = shares.iter().map(Encode::get_encoded).collect();
        Ok((
            public.get_encoded().map_err(Fault::refused)?,
            shares.map_err(Fault::refused)?,
        ))
    }

    fn shard(&self, request: &Request) -> Answer {
        let measurement = (self.measurement)(&request.numbers("measurement")?);
        let (public, shares) = self.run_shard(
            &request.bytes("ctx")?,
            &request.array("nonce")?,
            &measurement,
        )?;
        Ok(format!(
            "public={} leader={} helper={}",
            to_hex(&public),
            to_hex(&shares[0]),
            to_hex(&shares[1])
        ))
    }

    #[allow(clippy::type_complexity)]
    fn run_verify_init(
        &self,
        report: &Report,
    ) -> Result<(<Instance<T> as Aggregator<32, 16>>::VerifyState, Vec<u8>), Fault> {
        let public =
            <Instance<T> as Vdaf>::PublicShare::get_decoded_with_param(&self.vdaf, &report.public)
                .map_err(Fault::refused)?;
        let share = <Instance<T> as Vdaf>::InputShare::get_decoded_with_param(
            &(&self.vdaf, report.aggregator),
            &report.share,
        )
        .map_err(Fault::refused)?;
        let (state, verifier_share) = self
            .vdaf
            .verify_init(
                &report.key,
                &report.ctx,
                report.aggregator,
                &(),
                &report.nonce,
                &public,
                &share,
            )
            .map_err(Fault::refused)?;
        Ok((state, verifier_share.get_encoded().map_err(Fault::refused)?))
    }

    fn verify_init(&self, request: &Request) -> Answer {
        let (state, verifier_share) = self.run_verify_init(&Report::of(request)?)?;
        Ok(format!(
            "state={} verifier={}",
            to_hex(&state.get_encoded().map_err(Fault::refused)?),
            to_hex(&verifier_share)
        ))
    }

    fn state(
        &self,
        request: &Request,
    ) -> Result<<Instance<T> as Aggregator<32, 16>>::VerifyState, Fault> {
        <Instance<T> as Aggregator<32, 16>>::VerifyState::get_decoded_with_param(
            &(&self.vdaf, request.number("aggregator")?),
            &request.bytes("state")?,
        )
        .map_err(Fault::refused)
    }

    /// The crate needs a state to know how long the shares are; any aggregator's will do.
    fn shares_to_message(&self, request: &Request) -> Answer {
        let state = self.state(request)?;
        let shares: Result<Vec<_>, _> = request
            .byte_lists("verifiers")?
            .iter()
            .map(|share| {
                <Instance<T> as Aggregator<32, 16>>::VerifierShare::get_decoded_with_param(
                    &state, share,
                )
            })
            .collect();
        let message = self
            .vdaf
            .verifier_shares_to_message(
                &request.bytes("ctx")?,
                &(),
                shares.map_err(Fault::refused)?,
            )
            .map_err(Fault::refused)?;
        Ok(format!(
            "message={}",
            to_hex(&message.get_encoded().map_err(Fault::refused)?)
        ))
    }

    fn verify_next(&self, request: &Request) -> Answer {
        let state = self.state(request)?;
        let message = <Instance<T> as Aggregator<32, 16>>::VerifierMessage::get_decoded_with_param(
            &state,
            &request.bytes("message")?,
        )
        .map_err(Fault::refused)?;
        match self
            .vdaf
            .verify_next(&request.bytes("ctx")?, state, message)
            .map_err(Fault::refused)?
        {
            VerifyTransition::Finish(output) => Ok(format!(
                "output={}",
                to_hex(&output.get_encoded().map_err(Fault::refused)?)
            )),
            VerifyTransition::Continue(..) => Err(Fault::Bad("a second round".to_string())),
        }
    }

    fn aggregate(&self, request: &Request) -> Answer {
        let outputs: Result<Vec<_>, _> = request
            .byte_lists("outputs")?
            .iter()
            .map(|output| {
                <Instance<T> as Vdaf>::OutputShare::get_decoded_with_param(
                    &(&self.vdaf, &()),
                    output,
                )
            })
            .collect();
        let share = self
            .vdaf
            .aggregate(&(), outputs.map_err(Fault::refused)?)
            .map_err(Fault::refused)?;
        Ok(format!(
            "share={}",
            to_hex(&share.get_encoded().map_err(Fault::refused)?)
        ))
    }

    fn unshard(&self, request: &Request) -> Answer {
        let shares: Result<Vec<_>, _> = request
            .byte_lists("shares")?
            .iter()
            .map(|share| {
                <Instance<T> as Vdaf>::AggregateShare::get_decoded_with_param(
                    &(&self.vdaf, &()),
                    share,
                )
            })
            .collect();
        let result = self
            .vdaf
            .unshard(
                &(),
                shares.map_err(Fault::refused)?,
                request.number("count")?,
            )
            .map_err(Fault::refused)?;
        Ok(format!("result={}", to_list(&(self.result)(result))))
    }

    fn time_shard(&self, request: &Request) -> Answer {
        let measurement = (self.measurement)(&request.numbers("measurement")?);
        let ctx = request.bytes("ctx")?;
        let nonce = request.array("nonce")?;
        let rounds: u32 = request.number("rounds")?;
        let start = now_ns();
        for _ in 0..rounds {
            black_box(self.run_shard(&ctx, &nonce, black_box(&measurement))?);
        }
        Ok(format!("ns={}", now_ns() - start))
    }

    fn time_verify_init(&self, request: &Request) -> Answer {
        let report = Report::of(request)?;
        let rounds: u32 = request.number("rounds")?;
        let start = now_ns();
        for _ in 0..rounds {
            black_box(self.run_verify_init(black_box(&report))?);
        }
        Ok(format!("ns={}", now_ns() - start))
    }
}

fn from_u64s(values: Vec<u64>) -> Vec<u128> {
    values.into_iter().map(u128::from).collect()
}

fn to_u64s(values: &[u128]) -> Vec<u64> {
    values.iter().map(|value| *value as u64).collect()
}

fn first(values: &[u128]) -> u64 {
    values.first().map_or(0, |value| *value as u64)
}

/// The chunk length that the crate recommends.
pub fn chunk_length(request: &Request) -> Answer {
    Ok(format!(
        "chunk={}",
        optimal_chunk_length(request.number("encoded")?)
    ))
}

pub fn answer(request: &Request) -> Answer {
    match request.text("vdaf")? {
        "count" => Peer {
            vdaf: Prio3::<Count<Field64>, _, 32>::new(AGGREGATORS, 1, 1, Count::new())
                .map_err(Fault::refused)?,
            measurement: |values| first(values) == 1,
            result: |value| vec![value.into()],
        }
        .answer(request),
        "sum" => Peer {
            vdaf: Instance::<Sum<Field64>>::new(
                AGGREGATORS,
                1,
                2,
                Sum::new(request.number("max")?).map_err(Fault::refused)?,
            )
            .map_err(Fault::refused)?,
            measurement: first,
            result: |value| vec![value.into()],
        }
        .answer(request),
        "sumvec" => Peer {
            vdaf: Instance::<SumVec<Field128, ParallelSum<Field128, Mul>>>::new_sum_vec(
                AGGREGATORS,
                request.number("max")?,
                request.number("length")?,
                request.number("chunk")?,
            )
            .map_err(Fault::refused)?,
            measurement: <[u128]>::to_vec,
            result: |values| values,
        }
        .answer(request),
        "sumvecmultiproof" => Peer {
            vdaf: Instance::<SumVec<Field64, ParallelSum<Field64, Mul>>>::new(
                AGGREGATORS,
                MULTIPROOF_PROOFS,
                MULTIPROOF_ID,
                SumVec::new(
                    request.number("max")?,
                    request.number("length")?,
                    request.number("chunk")?,
                )
                .map_err(Fault::refused)?,
            )
            .map_err(Fault::refused)?,
            measurement: to_u64s,
            result: from_u64s,
        }
        .answer(request),
        "histogram" => Peer {
            vdaf: Instance::<Histogram<Field128, ParallelSum<Field128, Mul>>>::new_histogram(
                AGGREGATORS,
                request.number("length")?,
                request.number("chunk")?,
            )
            .map_err(Fault::refused)?,
            measurement: |values| first(values) as usize,
            result: |values| values,
        }
        .answer(request),
        "multihot" => Peer {
            vdaf:
                Instance::<MultihotCountVec<Field128, ParallelSum<Field128, Mul>>>::new_multihot_count_vec(
                    AGGREGATORS,
                    request.number("length")?,
                    request.number("max")?,
                    request.number("chunk")?,
                )
                .map_err(Fault::refused)?,
            measurement: |values| values.iter().map(|value| *value == 1).collect(),
            result: |values| values,
        }
        .answer(request),
        other => Err(Fault::Bad(format!("no VDAF {other}"))),
    }
}
