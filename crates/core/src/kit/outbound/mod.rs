//! The one HTTP client for addresses that a tenant gives: it goes nowhere that a tenant has no business to be.
//!
//! Whoever may write down an address must not reach with it what only the server reaches: its own loopback, the
//! machines beside it, the metadata service of a cloud (server-side request forgery). So a name is resolved once, every
//! address that comes of it is looked at, and the connection goes to the one that was looked at: a name that says
//! something else the next moment (DNS rebinding) changes nothing. A redirect is an answer, and not followed.

mod networks;

use super::{failure::Failure, headers};
use futures_util::future::BoxFuture;
use hyper::body::Bytes;
use ipnet::IpNet;
use networks::is_special;
use reqwest::{
    Client, Response, StatusCode,
    dns::{Addrs, Name, Resolve, Resolving},
    header::{self, HeaderMap},
    redirect::Policy,
};
use std::{
    error::Error as StdError,
    fmt,
    net::{IpAddr, SocketAddr},
    sync::Arc,
    time::Duration,
};
use tokio::sync::OnceCell;
use url::{Host, Url};

/// How long a call may take, from the name to the last byte of the answer.
const PATIENCE: Duration = Duration::from_secs(5);
/// The largest answer that is read, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Where calls may go.
#[derive(Clone, Debug, Default)]
pub struct Rules {
    /// Networks that are no public ones and may be reached all the same: an operator's own.
    pub allowed: Vec<IpNet>,
    /// Whether the machine itself may be reached, also without TLS: as long as nobody else reaches the server.
    pub loopback: bool,
}

/// What came of a call.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Vec<u8>,
    /// Seconds for which it may be kept, if it says so.
    pub max_age: Option<u64>,
}

/// A call.
#[derive(Clone, Copy, Debug, Default)]
pub struct Call<'a> {
    /// Where it goes.
    pub url: &'a str,
    /// The form that is sent with POST; a GET if there is none.
    pub form: Option<&'a [(&'a str, &'a str)]>,
    /// Name and password of HTTP Basic.
    pub basic: Option<(&'a str, &'a str)>,
    /// An access token.
    pub bearer: Option<&'a str>,
}

/// A file that comes from an address that a tenant gave.
#[derive(Debug)]
pub struct Download(Response);

impl Download {
    /// Its media type, if the answer says so, without parameters.
    #[must_use]
    pub fn content_type(&self) -> Option<String> {
        let kind = headers::text(self.0.headers(), header::CONTENT_TYPE)?;
        Some(kind.split(';').next()?.trim().to_owned())
    }

    /// How long it is, if the answer says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.0.content_length()
    }

    /// More of it; `None` at its end.
    ///
    /// # Errors
    /// No more came, or not in time.
    pub async fn next(&mut self) -> Result<Option<Bytes>, Failure> {
        self.0.chunk().await.map_err(|error| failure(&error))
    }
}

/// Looks up the addresses of a name.
type LookUp = Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The client. Cheap to clone.
#[derive(Clone)]
pub struct Outbound {
    gate: Gate,
    /// Made when it is first needed: it reads the system's certificates, which a server that calls nobody needs
    /// neither to have nor to wait for.
    http: Arc<OnceCell<Client>>,
    patience: Duration,
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound")
            .field("rules", &self.gate.rules)
            .finish_non_exhaustive()
    }
}

/// Why an address is not called.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Refused(String);

impl fmt::Display for Refused {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl StdError for Refused {}

impl From<Refused> for Failure {
    fn from(refused: Refused) -> Self {
        Self {
            error: refused.0,
            permanent: true,
        }
    }
}

impl Rules {
    fn check(&self, ip: IpAddr) -> Result<(), Refused> {
        let may = !is_special(ip)
            || (self.loopback && ip.is_loopback())
            || self.allowed.iter().any(|network| network.contains(&ip));
        match may {
            true => Ok(()),
            false => Err(Refused(format!(
                "{ip} is no public address; outbound_allow names networks that may be called all the same"
            ))),
        }
    }

    /// Whether this address may be called, as far as it is known before its name is resolved.
    fn check_url(&self, url: &Url) -> Result<(), Refused> {
        let refuse = |why: &str| Err(Refused(why.to_owned()));
        let here = match url.host() {
            Some(Host::Domain(name)) => is_localhost(name),
            Some(Host::Ipv4(ip)) => ip.is_loopback(),
            Some(Host::Ipv6(ip)) => ip.is_loopback(),
            None => return refuse("the address has no host"),
        };
        match url.scheme() {
            "https" => {}
            "http" if here && self.loopback => {}
            _ => return refuse("only https is called"),
        }
        if !url.username().is_empty() || url.password().is_some() {
            return refuse("the address has credentials");
        }
        // The client asks no resolver about these.
        match url.host() {
            Some(Host::Ipv4(ip)) => self.check(ip.into()),
            Some(Host::Ipv6(ip)) => self.check(ip.into()),
            _ => Ok(()),
        }
    }
}

fn is_localhost(name: &str) -> bool {
    let name = name.strip_suffix('.').unwrap_or(name);
    name == "localhost" || name.ends_with(".localhost")
}

/// Resolves names, and lets through what may be called.
#[derive(Clone)]
struct Gate {
    rules: Rules,
    look_up: LookUp,
}

impl Resolve for Gate {
    fn resolve(&self, name: Name) -> Resolving {
        let gate = self.clone();
        Box::pin(async move {
            let found = gate.addresses(name.as_str()).await?;
            let found: Addrs = Box::new(found.into_iter().map(|ip| SocketAddr::new(ip, 0)));
            Ok(found)
        })
    }
}

impl Gate {
    /// The addresses of a name, if all of them may be called.
    async fn addresses(&self, name: &str) -> Result<Vec<IpAddr>, Box<dyn StdError + Send + Sync>> {
        let found = (self.look_up)(name.to_owned()).await?;
        for ip in &found {
            // Whoever has one address inside has no business with the others either.
            self.rules.check(*ip)?;
            // Nobody else may have the name under which TLS is not asked for.
            if is_localhost(name) && !ip.is_loopback() {
                return Err(Refused(format!("{name} is {ip}, which is not this machine")).into());
            }
        }
        Ok(found)
    }
}

/// The addresses of a name, or the one that it is.
pub(super) async fn look_up(name: String) -> std::io::Result<Vec<IpAddr>> {
    let found = tokio::net::lookup_host((name, 0)).await?;
    Ok(found.map(|address| address.ip()).collect())
}

impl Outbound {
    /// A client that keeps to these rules.
    #[must_use]
    pub fn new(rules: Rules) -> Self {
        Self::with(rules, Arc::new(|name| Box::pin(look_up(name))), PATIENCE)
    }

    fn with(rules: Rules, look_up: LookUp, patience: Duration) -> Self {
        Self {
            gate: Gate { rules, look_up },
            http: Arc::default(),
            patience,
        }
    }

    /// The addresses of a host that a tenant gave, for what is no HTTP. The connection is to go to one of these, and the
    /// host not be looked up again.
    ///
    /// # Errors
    /// One of them may not be called, which no other attempt changes; there are none now.
    pub async fn addresses(&self, host: &str) -> Result<Vec<IpAddr>, Failure> {
        self.gate.addresses(host).await.map_err(|error| {
            let refused = error.downcast_ref::<Refused>();
            Failure {
                error: error.to_string(),
                permanent: refused.is_some(),
            }
        })
    }

    /// Whether an address is in a network of the operator's, or of this machine where that may be called.
    #[must_use]
    pub fn is_inside(&self, ip: IpAddr) -> bool {
        is_special(ip) && self.gate.rules.check(ip).is_ok()
    }

    /// Whether an address that a tenant gives may be called, as far as it is known before its name is resolved. One
    /// with a fragment may not: nobody is ever asked for that.
    ///
    /// # Errors
    /// Why not.
    pub fn check(&self, url: &str) -> Result<(), Failure> {
        let url = parse(url)?;
        match url.fragment() {
            Some(_) => Err(Refused("the address has a fragment".to_owned()).into()),
            None => Ok(self.gate.rules.check_url(&url)?),
        }
    }

    /// Sends a form to an address that a tenant gave, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// As [`Outbound::send`].
    pub async fn post_form(&self, url: &str, form: &[(&str, &str)]) -> Result<Answer, Failure> {
        let form = Some(form);
        let call = Call {
            url,
            form,
            ..Call::default()
        };
        self.send(call).await
    }

    /// Calls an address that a tenant gave, and reads the answer, whatever its status.
    ///
    /// # Errors
    /// The address may not be called, which no other attempt changes; nobody answered, or too slowly or too much.
    pub async fn send(&self, call: Call<'_>) -> Result<Answer, Failure> {
        let url = parse(call.url)?;
        self.gate.rules.check_url(&url)?;
        let http = self.http.get_or_try_init(async || self.client()).await;
        let http = http.map_err(|error| failure(&error))?;
        let mut request = match call.form {
            Some(form) => http.post(url).form(form),
            None => http.get(url),
        };
        request = request.header(header::ACCEPT, "application/json");
        if let Some((name, password)) = call.basic {
            request = request.basic_auth(name, Some(password));
        }
        if let Some(token) = call.bearer {
            request = request.bearer_auth(token);
        }
        let mut response = request.send().await.map_err(|error| failure(&error))?;
        let status = response.status().as_u16();
        let max_age = max_age(response.headers());
        let mut body = vec![];
        while let Some(part) = response.chunk().await.map_err(|error| failure(&error))? {
            if body.len() + part.len() > ANSWER_LIMIT {
                return Err(Failure {
                    error: format!("the answer is longer than {} KiB", ANSWER_LIMIT / 1024),
                    permanent: false,
                });
            }
            body.extend_from_slice(&part);
        }
        Ok(Answer { status, body, max_age })
    }

    /// Begins to fetch a file from an address that a tenant gave. It is to be there whole within `patience`.
    ///
    /// # Errors
    /// The address may not be called, which is permanent; nobody answered with a file.
    pub async fn download(&self, url: &str, patience: Duration) -> Result<Download, Failure> {
        self.check(url)?;
        let http = self.http.get_or_try_init(async || self.client()).await;
        let request = http.map_err(|error| failure(&error))?.get(parse(url)?);
        let response = request
            .timeout(patience)
            .send()
            .await
            .map_err(|error| failure(&error))?;
        match response.status() {
            StatusCode::OK => Ok(Download(response)),
            status => Err(Failure {
                error: format!("the answer is {status}"),
                permanent: false,
            }),
        }
    }

    fn client(&self) -> reqwest::Result<Client> {
        Client::builder()
            .redirect(Policy::none())
            // A proxy would resolve the name by itself.
            .no_proxy()
            .dns_resolver(Arc::new(self.gate.clone()))
            // Each call looks again: what was let through once is not kept open.
            .pool_max_idle_per_host(0)
            .timeout(self.patience)
            .user_agent("tenantry")
            .build()
    }
}

fn parse(url: &str) -> Result<Url, Refused> {
    Url::parse(url).map_err(|why| Refused(format!("the address cannot be read: {why}")))
}

/// Seconds for which an answer may be kept (RFC 9111 §5.2.2.1).
fn max_age(headers: &HeaderMap) -> Option<u64> {
    let given = headers.get(header::CACHE_CONTROL)?.to_str().ok()?;
    let mut ages = given.split(',').filter_map(|part| part.trim().strip_prefix("max-age="));
    ages.next()?.parse().ok()
}

/// What went wrong, without the address, which whoever reads it has.
fn failure(error: &reqwest::Error) -> Failure {
    let mut cause: Option<&(dyn StdError + 'static)> = Some(error);
    let mut last = String::new();
    while let Some(this) = cause {
        if let Some(refused) = this.downcast_ref::<Refused>() {
            return refused.clone().into();
        }
        last = this.to_string();
        cause = this.source();
    }
    let error = match error.is_timeout() {
        true => format!("no whole answer within {} seconds", PATIENCE.as_secs()),
        false => last,
    };
    Failure {
        error,
        permanent: false,
    }
}

#[cfg(test)]
mod tests;
