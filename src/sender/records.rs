//! What the domain name system says of the domain that mail comes from.

use super::dkim::DkimKey;
use crate::kit::dns::Dns;
use poem_openapi::Enum;
use serde::Serialize;

/// Domains above that of a mail that are asked for their DMARC policy.
const HEIGHT: usize = 8;

/// What is wrong with the records of a domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum, Serialize)]
#[serde(rename_all = "snake_case")]
#[oai(rename = "DkimProblemCode", rename_all = "snake_case")]
pub enum Problem {
    /// No name server told: whether the records are there is not known.
    DnsFailed,
    /// There is no record of the key.
    RecordMissing,
    /// There are several; verifiers take none or any.
    RecordRepeated,
    /// It has another public key, or it is of another type.
    RecordDiffers,
    /// It says that the key is revoked: it has none.
    KeyRevoked,
    /// It says that the domain is only testing (`t=y`): signatures count for nothing.
    TestMode,
    /// Mail comes from a domain that the key's does not vouch for.
    DomainDiffers,
    /// There is no SPF record: which relays may send is not said.
    SpfMissing,
    /// There are several, which is an error for whoever evaluates them (RFC 7208 §4.5).
    SpfRepeated,
    /// There is no DMARC record, here or above.
    DmarcMissing,
}

/// What was found.
#[derive(Debug)]
pub struct Records {
    /// Whether a record of the key is there; nothing where no name server told.
    pub is_published: Option<bool>,
    /// Whether it is that of the key.
    pub matches: bool,
    /// The SPF record of the domain that mail comes from.
    pub spf: Option<String>,
    /// The DMARC record of that domain, or of the next one above that has one.
    pub dmarc: Option<String>,
    /// What is wrong.
    pub problems: Vec<Problem>,
}

/// The tags of a record (RFC 6376 §3.2).
fn tags(record: &str) -> impl Iterator<Item = (&str, String)> {
    let pairs = record.split(';').filter_map(|tag| tag.split_once('='));
    // Whoever splits a long record may leave a space where it was.
    pairs.map(|(name, value)| (name.trim(), value.split_whitespace().collect()))
}

/// What is wrong with the record of a key.
fn compare(key: &DkimKey, record: &str) -> Option<Problem> {
    let tag = |wanted: &str| tags(record).find(|(name, _)| *name == wanted).map(|(_, value)| value);
    let kind = tag("k").unwrap_or_else(|| "rsa".to_owned());
    let is_of_key = tag("v").is_none_or(|version| version == "DKIM1") && kind == key.row.algorithm.of_mail().key_type();
    match tag("p") {
        Some(public) if public.is_empty() => Some(Problem::KeyRevoked),
        Some(public) if is_of_key && public == key.row.public => {
            let is_test = tag("t").is_some_and(|flags| flags.split(':').any(|flag| flag == "y"));
            is_test.then_some(Problem::TestMode)
        }
        _ => Some(Problem::RecordDiffers),
    }
}

/// Whether the record of a key is there and is its own; nothing where no name server told.
pub async fn is_there(dns: &Dns, key: &DkimKey) -> Option<bool> {
    let records = dns.texts(&key.record_name()).await.ok()?;
    Some(matches!(&records[..], [record] if matches!(compare(key, record), None | Some(Problem::TestMode))))
}

/// Looks for the record of a key, and for what says who may send mail of this domain.
pub async fn look(dns: &Dns, key: &DkimKey, from: &str) -> Records {
    let mut records = Records {
        is_published: None,
        matches: false,
        spf: None,
        dmarc: None,
        problems: vec![],
    };
    let own = dns.texts(&key.record_name()).await;
    let problem = match own.as_deref() {
        Err(_) => Some(Problem::DnsFailed),
        Ok([]) => Some(Problem::RecordMissing),
        Ok([record]) => compare(key, record),
        Ok(_) => Some(Problem::RecordRepeated),
    };
    records.is_published = own.ok().map(|found| !found.is_empty());
    records.matches = matches!(problem, None | Some(Problem::TestMode));
    records.problems.extend(problem);
    if !super::dkim::vouches(&key.row.domain, from) {
        records.problems.push(Problem::DomainDiffers);
    }
    if records.is_published.is_some() {
        records.look_for_spf(dns, from).await;
        records.look_for_dmarc(dns, from).await;
    }
    records
}

impl Records {
    async fn look_for_spf(&mut self, dns: &Dns, from: &str) {
        let is_spf = |text: &String| text == "v=spf1" || text.starts_with("v=spf1 ");
        match dns.texts(from).await {
            Ok(texts) => {
                let mut found = texts.into_iter().filter(is_spf);
                self.spf = found.next();
                match (&self.spf, found.next()) {
                    (None, _) => self.problems.push(Problem::SpfMissing),
                    (Some(_), Some(_)) => self.problems.push(Problem::SpfRepeated),
                    (Some(_), None) => {}
                }
            }
            Err(_) => self.problems.push(Problem::DnsFailed),
        }
    }

    /// Here, or else above (RFC 7489 §6.6.3).
    async fn look_for_dmarc(&mut self, dns: &Dns, from: &str) {
        let above = std::iter::successors(Some(from), |domain| domain.split_once('.').map(|(_, above)| above));
        for domain in above.filter(|domain| domain.contains('.')).take(HEIGHT) {
            let Ok(texts) = dns.texts(&format!("_dmarc.{domain}")).await else {
                return self.problems.push(Problem::DnsFailed);
            };
            self.dmarc = texts.into_iter().find(|text| text.starts_with("v=DMARC1"));
            if self.dmarc.is_some() {
                return;
            }
        }
        self.problems.push(Problem::DmarcMissing);
    }
}
