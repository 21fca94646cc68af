//! TLS to a relay, whose certificate is always checked, and what the certificate says.

use super::step::Cause;
use rustls::{
    ClientConfig, ProtocolVersion, RootCertStore,
    crypto::aws_lc_rs,
    pki_types::{CertificateDer, ServerName},
};
use std::sync::Arc;
use tokio::{net::TcpStream, sync::OnceCell};
use tokio_rustls::{TlsConnector, client::TlsStream};

/// The machine's certificates, read when they are first needed.
static CONFIG: OnceCell<Arc<ClientConfig>> = OnceCell::const_new();

async fn config() -> Result<Arc<ClientConfig>, Cause> {
    let load = || {
        let mut roots = RootCertStore::empty();
        roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
        let config = ClientConfig::builder_with_provider(Arc::new(aws_lc_rs::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|error| Cause::words(error.to_string()))?;
        Ok(Arc::new(config.with_root_certificates(roots).with_no_client_auth()))
    };
    let loaded = CONFIG.get_or_try_init(async || {
        let loaded = tokio::task::spawn_blocking(load).await;
        loaded.map_err(|error| Cause::words(error.to_string()))?
    });
    loaded.await.cloned()
}

/// Speaks TLS with the server of this name from here on. Answers what its certificate says as well.
pub(super) async fn begin(host: &str, plain: TcpStream) -> Result<(TlsStream<TcpStream>, Option<String>), Cause> {
    let name = ServerName::try_from(host.to_owned()).map_err(|_| Cause::words("the host is not a name"))?;
    let connector = TlsConnector::from(config().await?);
    let connected = connector.connect(name, plain).await;
    let stream = connected.map_err(|error| Cause::words(format!("TLS failed: {error}")))?;
    let said = describe(&stream);
    Ok((stream, said))
}

fn describe(stream: &TlsStream<TcpStream>) -> Option<String> {
    let (_, connection) = stream.get_ref();
    let version = match connection.protocol_version()? {
        ProtocolVersion::TLSv1_3 => "TLS 1.3",
        ProtocolVersion::TLSv1_2 => "TLS 1.2",
        _ => "TLS",
    };
    let certificate = read(connection.peer_certificates()?.first()?)?;
    Some(super::step::printable(&format!(
        "{version}; {}; issued by {}; until {}",
        certificate.subject, certificate.issuer, certificate.until
    )))
}

/// What a certificate says.
struct Certificate {
    subject: String,
    issuer: String,
    until: String,
}

/// One value of DER (X.690 §8): its tag, its content, and what comes after it.
fn value(der: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&tag, rest) = der.split_first()?;
    let (&first, mut rest) = rest.split_first()?;
    let mut length = usize::from(first);
    if first & 0x80 != 0 {
        let bytes = usize::from(first & 0x7f);
        if !(1..=4).contains(&bytes) || rest.len() < bytes {
            return None;
        }
        let (head, tail) = rest.split_at(bytes);
        length = head.iter().fold(0, |length, byte| length << 8 | usize::from(*byte));
        rest = tail;
    }
    (rest.len() >= length).then(|| {
        let (content, after) = rest.split_at(length);
        (tag, content, after)
    })
}

/// The common name of a distinguished name (RFC 5280 §4.1.2.4), else its organization.
fn name(mut der: &[u8]) -> Option<String> {
    let (mut common, mut organization) = (None, None);
    while let Some((_, set, after)) = value(der) {
        let (_, pair, _) = value(set)?;
        let (_, kind, rest) = value(pair)?;
        let (_, text, _) = value(rest)?;
        let text = || Some(String::from_utf8_lossy(text).into_owned());
        match kind {
            [0x55, 4, 3] => common = text(),
            [0x55, 4, 10] => organization = text(),
            _ => {}
        }
        der = after;
    }
    common.or(organization)
}

/// The day of a `UTCTime` or `GeneralizedTime` (RFC 5280 §4.1.2.5).
fn day(tag: u8, text: &[u8]) -> Option<String> {
    let text = str::from_utf8(text).ok()?;
    let text = match tag {
        0x17 => format!("{}{text}", if *text.as_bytes().first()? < b'5' { "20" } else { "19" }),
        _ => text.to_owned(),
    };
    Some(format!("{}-{}-{}", text.get(..4)?, text.get(4..6)?, text.get(6..8)?))
}

/// Reads a certificate that was checked already.
fn read(der: &CertificateDer<'_>) -> Option<Certificate> {
    let (_, certificate, _) = value(der)?;
    let (_, mut to_be_signed, _) = value(certificate)?;
    let (tag, _, after) = value(to_be_signed)?;
    if tag == 0xa0 {
        to_be_signed = after;
    }
    let (_, _serial, rest) = value(to_be_signed)?;
    let (_, _algorithm, rest) = value(rest)?;
    let (_, issuer, rest) = value(rest)?;
    let (_, validity, rest) = value(rest)?;
    let (_, subject, _) = value(rest)?;
    let (_, _since, rest) = value(validity)?;
    let (tag, until, _) = value(rest)?;
    Some(Certificate {
        subject: name(subject).unwrap_or_else(|| "without a name".to_owned()),
        issuer: name(issuer).unwrap_or_else(|| "nobody".to_owned()),
        until: day(tag, until)?,
    })
}
