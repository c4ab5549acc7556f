// SPDX-License-Identifier: Apache-2.0
//! HPKE base mode, single shot, with the `hpke` crate.

use crate::protocol::{to_hex, Answer, Fault, Request};
use hpke::aead::{Aead, AesGcm128, ChaCha20Poly1305};
use hpke::kdf::HkdfSha256;
use hpke::kem::X25519HkdfSha256;
use hpke::{Deserializable, Kem, OpModeR, OpModeS, Serializable};

type PrivateKey = <X25519HkdfSha256 as Kem>::PrivateKey;
type PublicKey = <X25519HkdfSha256 as Kem>::PublicKey;
type EncappedKey = <X25519HkdfSha256 as Kem>::EncappedKey;

const KEY_LEN: usize = 32;

pub fn keygen(request: &Request) -> Answer {
    let (secret, public) = X25519HkdfSha256::derive_keypair(&request.bytes("seed")?);
    Ok(format!(
        "secret={} public={}",
        to_hex(&secret.to_bytes()),
        to_hex(&public.to_bytes())
    ))
}

fn seal_with<A: Aead>(request: &Request) -> Answer {
    let to = PublicKey::from_bytes(&request.bytes("public")?).map_err(Fault::refused)?;
    let (enc, sealed) = hpke::single_shot_seal::<A, HkdfSha256, X25519HkdfSha256>(
        &OpModeS::Base,
        &to,
        &request.bytes("info")?,
        &request.bytes("plain")?,
        &request.bytes("aad")?,
    )
    .map_err(Fault::refused)?;
    Ok(format!(
        "sealed={}{}",
        to_hex(&enc.to_bytes()),
        to_hex(&sealed)
    ))
}

fn open_with<A: Aead>(request: &Request) -> Answer {
    let secret = PrivateKey::from_bytes(&request.bytes("secret")?).map_err(Fault::refused)?;
    let sealed = request.bytes("sealed")?;
    if sealed.len() < KEY_LEN {
        return Err(Fault::Refused("too short".to_string()));
    }
    let enc = EncappedKey::from_bytes(&sealed[..KEY_LEN]).map_err(Fault::refused)?;
    let plain = hpke::single_shot_open::<A, HkdfSha256, X25519HkdfSha256>(
        &OpModeR::Base,
        &secret,
        &enc,
        &request.bytes("info")?,
        &sealed[KEY_LEN..],
        &request.bytes("aad")?,
    )
    .map_err(Fault::refused)?;
    Ok(format!("plain={}", to_hex(&plain)))
}

pub fn seal(request: &Request) -> Answer {
    match request.text("aead")? {
        "1" => seal_with::<AesGcm128>(request),
        "3" => seal_with::<ChaCha20Poly1305>(request),
        other => Err(Fault::Bad(format!("no AEAD {other}"))),
    }
}

pub fn open(request: &Request) -> Answer {
    match request.text("aead")? {
        "1" => open_with::<AesGcm128>(request),
        "3" => open_with::<ChaCha20Poly1305>(request),
        other => Err(Fault::Bad(format!("no AEAD {other}"))),
    }
}
