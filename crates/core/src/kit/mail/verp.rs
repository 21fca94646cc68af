//! Addresses that bounces come back to (variable envelope return paths): each names its message, and only who has
//! the master key makes one.

use crate::kit::{id::MessageId, secret::MasterKey};
use aws_lc_rs::constant_time::verify_slices_are_equal;
use data_encoding::{Encoding, Specification};
use std::sync::LazyLock;
use uuid::Uuid;

/// How a local part begins.
const BEGIN: &str = "b-";
/// Letters of what comes after.
const LETTERS: usize = 48;
/// Bytes of a tenant's key and of a message's id.
const NAMED: usize = KEY + 16;
/// Bytes of a tenant's key.
pub const KEY: usize = 6;
/// Bytes of the hash that vouches for both.
const PROOF: usize = 8;

/// RFC 4648 §6 in lower case, which mail systems that write addresses anew do not change.
static BASE32: LazyLock<Encoding> = LazyLock::new(|| {
    let mut form = Specification::new();
    form.symbols.push_str("abcdefghijklmnopqrstuvwxyz234567");
    form.encoding().expect("32 letters")
});

/// Which message a bounce is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct BounceToken {
    /// The key of its tenant.
    pub tenant: [u8; KEY],
    /// The message.
    pub message: MessageId,
}

impl BounceToken {
    /// The local part of the address that its bounces come back to.
    #[must_use]
    pub fn local_part(&self, master: &MasterKey) -> String {
        let named = self.named();
        let mut bytes = named.to_vec();
        bytes.extend_from_slice(&proof(master, &named));
        format!("{BEGIN}{}", BASE32.encode(&bytes))
    }

    /// What a local part, an address or a token says that this server made. Of any other nothing is looked up.
    #[must_use]
    pub fn parse(master: &MasterKey, text: &str) -> Option<Self> {
        let local = text.split_once('@').map_or(text, |(local, _)| local);
        let token = local
            .split_at_checked(BEGIN.len())
            .filter(|(begin, _)| begin.eq_ignore_ascii_case(BEGIN));
        let token = token.map_or(local, |(_, token)| token);
        if token.len() != LETTERS {
            return None;
        }
        let bytes = BASE32.decode(token.to_ascii_lowercase().as_bytes()).ok()?;
        let (named, given) = bytes.split_first_chunk::<NAMED>()?;
        verify_slices_are_equal(given, &proof(master, named)).ok()?;
        let (tenant, message) = named.split_first_chunk()?;
        Some(Self {
            tenant: *tenant,
            message: MessageId(Uuid::from_slice(message).ok()?),
        })
    }

    fn named(&self) -> [u8; NAMED] {
        let mut named = [0; NAMED];
        named[..KEY].copy_from_slice(&self.tenant);
        named[KEY..].copy_from_slice(self.message.0.as_bytes());
        named
    }
}

fn proof(master: &MasterKey, named: &[u8; NAMED]) -> [u8; PROOF] {
    let hash = master.hash("bounce", &BASE32.encode(named));
    *hash.first_chunk().expect("SHA-256 has 32 bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> MasterKey {
        MasterKey::parse(&MasterKey::generate()).unwrap()
    }

    fn token() -> BounceToken {
        BounceToken {
            tenant: [1, 2, 3, 4, 5, 6],
            message: MessageId(Uuid::from_u128(0x0190_a9f0_c7d8_7c3e_8f3b_0a4b_6c2d_1e0f)),
        }
    }

    #[test]
    fn a_local_part_says_its_message_however_it_is_written() {
        let master = key();
        let local = token().local_part(&master);
        assert_eq!(local.len(), 50);
        for text in [
            local.clone(),
            local.to_uppercase(),
            format!("{local}@bounces.example.com"),
            local[2..].to_owned(),
        ] {
            assert_eq!(BounceToken::parse(&master, &text), Some(token()), "{text}");
        }
    }

    #[test]
    fn what_this_server_did_not_make_says_nothing() {
        let master = key();
        let local = token().local_part(&master);
        assert_eq!(BounceToken::parse(&key(), &local), None, "of another server");
        for at in 2..local.len() {
            let mut forged = local.clone().into_bytes();
            forged[at] = if forged[at] == b'a' { b'b' } else { b'a' };
            let forged = String::from_utf8(forged).unwrap();
            assert_eq!(BounceToken::parse(&master, &forged), None, "{forged}");
        }
        for text in ["", "b-", "b-\u{e9}", "postmaster", &local[..49], &format!("{local}a")] {
            assert_eq!(BounceToken::parse(&master, text), None, "{text}");
        }
    }
}
