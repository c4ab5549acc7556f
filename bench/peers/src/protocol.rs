// SPDX-License-Identifier: Apache-2.0
//! One request a line, `command key=value ...`; one answer a line. See bench/protocol.md.

use std::collections::HashMap;

/// What can go wrong with a request. A refusal is an answer, not a fault of the protocol.
pub enum Fault {
    /// The implementation refused: malformed message, proof or tag wrong.
    Refused(String),
    /// The request itself makes no sense.
    Bad(String),
}

pub type Answer = Result<String, Fault>;

impl Fault {
    pub fn refused(error: impl std::fmt::Display) -> Self {
        Fault::Refused(error.to_string())
    }
}

pub struct Request<'a> {
    pub command: &'a str,
    values: HashMap<&'a str, &'a str>,
}

impl<'a> Request<'a> {
    pub fn parse(line: &'a str) -> Result<Self, Fault> {
        let mut words = line.split_ascii_whitespace();
        let command = words
            .next()
            .ok_or_else(|| Fault::Bad("empty line".to_string()))?;
        let mut values = HashMap::new();
        for word in words {
            let (key, value) = word
                .split_once('=')
                .ok_or_else(|| Fault::Bad(format!("no '=' in {word}")))?;
            values.insert(key, value);
        }
        Ok(Request { command, values })
    }

    pub fn text(&self, key: &str) -> Result<&'a str, Fault> {
        self.values
            .get(key)
            .copied()
            .ok_or_else(|| Fault::Bad(format!("{key} is missing")))
    }

    pub fn number<T: std::str::FromStr>(&self, key: &str) -> Result<T, Fault> {
        self.text(key)?
            .parse()
            .map_err(|_| Fault::Bad(format!("{key} is not a number in range")))
    }

    pub fn numbers(&self, key: &str) -> Result<Vec<u128>, Fault> {
        self.text(key)?
            .split(',')
            .map(|word| {
                word.parse()
                    .map_err(|_| Fault::Bad(format!("{key}: {word} is not a number")))
            })
            .collect()
    }

    pub fn bytes(&self, key: &str) -> Result<Vec<u8>, Fault> {
        from_hex(self.text(key)?)
    }

    pub fn byte_lists(&self, key: &str) -> Result<Vec<Vec<u8>>, Fault> {
        self.text(key)?.split(',').map(from_hex).collect()
    }

    pub fn array<const N: usize>(&self, key: &str) -> Result<[u8; N], Fault> {
        self.bytes(key)?
            .try_into()
            .map_err(|_| Fault::Refused(format!("{key} must have {N} bytes")))
    }
}

fn digit(byte: u8) -> Result<u8, Fault> {
    match byte {
        b'0'..=b'9' => Ok(byte - b'0'),
        b'a'..=b'f' => Ok(byte - b'a' + 10),
        _ => Err(Fault::Bad("not a hex digit".to_string())),
    }
}

fn from_hex(text: &str) -> Result<Vec<u8>, Fault> {
    if !text.len().is_multiple_of(2) {
        return Err(Fault::Bad("odd number of hex digits".to_string()));
    }
    text.as_bytes()
        .chunks(2)
        .map(|pair| Ok(digit(pair[0])? << 4 | digit(pair[1])?))
        .collect()
}

pub fn to_hex(bytes: &[u8]) -> String {
    const DIGITS: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(2 * bytes.len());
    for byte in bytes {
        text.push(DIGITS[usize::from(byte >> 4)] as char);
        text.push(DIGITS[usize::from(byte & 15)] as char);
    }
    text
}

pub fn to_list(numbers: &[u128]) -> String {
    let words: Vec<String> = numbers.iter().map(u128::to_string).collect();
    words.join(",")
}
