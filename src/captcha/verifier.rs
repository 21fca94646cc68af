//! Asks a provider about a token, over HTTP.

use super::provider::{Answer, Provider, Question, Verdict};
use anyhow::Context;
use reqwest::{Client, redirect::Policy};
use std::time::Duration;
use tokio::sync::OnceCell;
use url::Url;

/// How long one try may take; somebody waits for it.
const PATIENCE: Duration = Duration::from_secs(3);

/// The largest answer that is read, in bytes.
const ANSWER_LIMIT: usize = 64 * 1024;

/// Asks providers about tokens.
#[derive(Debug)]
pub struct Verifier {
    /// Made when it is first needed: it reads the system's certificates, which a server whose
    /// tenants have no provider needs neither to have nor to wait for.
    http: OnceCell<Client>,
    /// What stands in the place of the providers' own servers.
    instead: Option<Url>,
    /// Whether only the machine itself reaches the server: test secrets may guard it.
    is_development: bool,
}

/// A try that brought no answer.
struct Fault {
    cause: anyhow::Error,
    /// Whether the provider may have seen the token.
    answered: bool,
}

impl Verifier {
    /// One that asks the providers, or `instead` of them.
    #[must_use]
    pub fn new(instead: Option<Url>, is_development: bool) -> Self {
        Self {
            http: OnceCell::new(),
            instead,
            is_development,
        }
    }

    /// Whether test secrets may guard this server.
    #[must_use]
    pub fn is_development(&self) -> bool {
        self.is_development
    }

    /// What the provider says of a token, or what it means that there is no answer. Asked once
    /// more if that can do no harm.
    pub(super) async fn ask(&self, provider: &dyn Provider, question: &Question<'_>) -> Result<Answer, Verdict> {
        // That this machine can ask nobody is no outage: it does not pass, so it must let nobody pass.
        let http = self.http.get_or_try_init(async || client()).await;
        let http = http.map_err(|cause| Verdict::Misconfigured(format!("{cause:#}")))?;
        let first = self.attempt(http, provider, question).await;
        let again = match &first {
            Ok(answer) => answer.is_outage() && provider.knows_repeats(),
            // A second question about a token that was used up would make it look stolen.
            Err(fault) => !fault.answered || provider.knows_repeats(),
        };
        let last = match again {
            true => self.attempt(http, provider, question).await,
            false => first,
        };
        last.map_err(|fault| Verdict::Outage(format!("{:#}", fault.cause)))
    }

    async fn attempt(&self, http: &Client, provider: &dyn Provider, question: &Question<'_>) -> Result<Answer, Fault> {
        let response = self
            .send(http, provider, question)
            .await
            .map_err(|cause| Fault { cause, answered: false })?;
        read(response).await.map_err(|cause| Fault { cause, answered: true })
    }

    async fn send(
        &self,
        http: &Client,
        provider: &dyn Provider,
        question: &Question<'_>,
    ) -> anyhow::Result<reqwest::Response> {
        let origin = self.instead.as_ref().map_or(provider.origin(), Url::as_str);
        let address = format!("{}{}", origin.trim_end_matches('/'), provider.path());
        let request = http.post(address).form(&provider.form(question));
        Ok(request.send().await.map_err(reqwest::Error::without_url)?)
    }
}

/// A client that goes nowhere but where it is sent: a redirect would carry the secret elsewhere.
fn client() -> anyhow::Result<Client> {
    Ok(Client::builder()
        .redirect(Policy::none())
        .connect_timeout(PATIENCE)
        .timeout(PATIENCE)
        .user_agent("tenantry")
        .build()?)
}

/// Providers say in the body what they mean, whatever the status; only that of a failed server is
/// not believed.
async fn read(mut response: reqwest::Response) -> anyhow::Result<Answer> {
    let status = response.status();
    anyhow::ensure!(!status.is_server_error(), "the provider answered {status}");
    let mut body = vec![];
    while let Some(part) = response.chunk().await.map_err(reqwest::Error::without_url)? {
        anyhow::ensure!(body.len() + part.len() <= ANSWER_LIMIT, "the answer is too large");
        body.extend_from_slice(&part);
    }
    serde_json::from_slice(&body).with_context(|| format!("the provider answered {status} without a verdict"))
}
