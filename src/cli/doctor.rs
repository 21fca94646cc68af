//! `tenantry doctor`: what is to be mended before people meet it.

use super::{list_tenants, say};
use crate::{
    config::Config,
    context::Operator,
    key,
    kit::{
        blob::{Key, Store},
        clock::Clock,
        db::{Tx, has_room},
        error::Result,
        mail::{PATIENCE, Trace},
        secret::random,
    },
    provider, sender,
    server::Server,
    tenant,
};
use bytes::{Bytes, BytesMut};
use futures_util::TryStreamExt;

pub(super) async fn run(config: Config) -> anyhow::Result<()> {
    let mut ill = 0;
    let mut report = |what: &str, result: anyhow::Result<String>| {
        let line = match result {
            Ok(fine) => format!("ok    {what}: {fine}"),
            Err(error) => {
                ill += 1;
                format!("MEND  {what}: {error:#}")
            }
        };
        say(line)
    };
    report("configuration", check_configuration(&config))?;
    report("clock", check_clock())?;
    report("storage", check_room(&config))?;
    match Server::open(config, Clock::default(), false).await {
        Err(error) => report("database and keys", Err(error))?,
        Ok(server) => {
            let kind = match server.config.database_url {
                Some(_) => "PostgreSQL",
                None => "SQLite, one file per tenant",
            };
            report(
                "database",
                server
                    .services
                    .db
                    .ping()
                    .await
                    .map(|()| kind.to_owned())
                    .map_err(Into::into),
            )?;
            report("tenants", check_tenants(&server).await)?;
            report("mail", check_mail(&server).await)?;
            report("bounces", check_bounces(&server.config))?;
            report("senders", check_senders(&server).await)?;
            report("providers", check_providers(&server).await)?;
            report("files", check_files(&*server.files).await)?;
            server.close().await;
        }
    }
    anyhow::ensure!(ill == 0, "{ill} of the above to mend");
    Ok(())
}

fn check_room(config: &Config) -> anyhow::Result<String> {
    let directory = config.data_dir.display();
    if !config.data_dir.exists() {
        return Ok(format!("{directory} is made by the first start"));
    }
    anyhow::ensure!(
        has_room(&config.data_dir)?,
        "there is no room in {directory}: nothing can be written"
    );
    Ok(format!("there is room in {directory}"))
}

fn check_configuration(config: &Config) -> anyhow::Result<String> {
    let base = config.base_url();
    let local = ["localhost", "127.0.0.1", "[::1]"].contains(&config.public_host().as_str());
    anyhow::ensure!(
        base.starts_with("https:") || local,
        "public_url {base} is not https: passwords and cookies would travel in the clear"
    );
    let hints = config.hints();
    anyhow::ensure!(hints.is_empty(), "{}", hints.join("; "));
    Ok(format!("people reach the server at {base}"))
}

fn check_clock() -> anyhow::Result<String> {
    let now = Clock::default().now();
    let sane = "2026-01-01T00:00:00Z"
        .parse()
        .is_ok_and(|earliest: chrono::DateTime<chrono::Utc>| now > earliest);
    anyhow::ensure!(sane, "it says {now}: tokens and codes would be valid at the wrong time");
    Ok(now.to_rfc3339_opts(chrono::SecondsFormat::Secs, true))
}

async fn check_mail(server: &Server) -> anyhow::Result<String> {
    let Some(relay) = server.mailer.relay() else {
        return Ok("no smtp_url: messages are kept in the built-in mailbox".to_owned());
    };
    let answered = relay.check(&mut Trace::new(PATIENCE)).await;
    answered.map_err(|trouble| anyhow::anyhow!("connecting to the SMTP relay: {trouble}"))?;
    Ok("the SMTP relay answers".to_owned())
}

/// Mail that names a domain nobody listens for comes back to nobody.
fn check_bounces(config: &Config) -> anyhow::Result<String> {
    Ok(match (&config.bounce_listen, &config.bounce_domain) {
        (None, None) => "not read: neither bounce_listen nor bounce_domain is set".to_owned(),
        (None, Some(domain)) => format!("go to {domain}, from where a program must report them"),
        (Some(listen), domain) => {
            let port = listen.rsplit_once(':').and_then(|(_, port)| port.parse::<u16>().ok());
            anyhow::ensure!(port.is_some(), "bounce_listen {listen} is no address with a port");
            let domain = domain.as_deref().unwrap_or("the domains that senders name");
            format!("are taken at {listen} for {domain}")
        }
    })
}

/// What each tenant that answers has, and what is wrong with it.
async fn of_tenants<T>(
    server: &Server,
    read: impl AsyncFn(&Tx) -> Result<Vec<T>>,
    fault: impl Fn(&T) -> Option<String>,
) -> anyhow::Result<usize> {
    let (mut count, mut ill) = (0, vec![]);
    let tenants = list_tenants(server).await?;
    for tenant in tenants.iter().filter(|tenant| tenant.state == tenant::State::Active) {
        let found = Operator::new(&server.services, tenant.id).read(&read).await?;
        count += found.len();
        let faults = found.iter().filter_map(&fault);
        ill.extend(faults.map(|fault| format!("{} of {}", fault, tenant.name)));
    }
    anyhow::ensure!(ill.is_empty(), "{}", ill.join("; "));
    Ok(count)
}

async fn check_senders(server: &Server) -> anyhow::Result<String> {
    let fault = |sender: &sender::Sender| {
        let fails = sender.spec.enabled && sender.state() == sender::State::Failing;
        let why = sender.last_error().unwrap_or_default();
        fails.then(|| format!("{} is passed over ({why})", sender.name()))
    };
    let count = of_tenants(server, async |tx| sender::all(tx).await, fault).await?;
    Ok(format!("{count}, and none that is on is passed over"))
}

async fn check_providers(server: &Server) -> anyhow::Result<String> {
    let now = Clock::default().now();
    let fault = |provider: &provider::Provider| {
        let ends = provider.spec.secret_expires_at.map(|at| at.0).filter(|end| *end <= now);
        let is_over = provider.is_enabled() && ends.is_some();
        is_over.then(|| format!("the secret of {} has run out", provider.name()))
    };
    let count = of_tenants(server, async |tx| provider::all(tx).await, fault).await?;
    Ok(format!("{count}, and the secret of none that is enabled has run out"))
}

/// Keeps something, reads a part of it, keeps it once more, and removes it.
async fn check_files(files: &dyn Store) -> anyhow::Result<String> {
    let key = Key::of_trial(&uuid::Uuid::from_bytes(random()).simple().to_string());
    let said = Bytes::from_static(b"doctor");
    files.put_new(&key, said.clone()).await?;
    files.put_new(&key, said).await?;
    let part: BytesMut = files.get(&key, 1..3).await?.try_collect().await?;
    anyhow::ensure!(part == "oc"[..], "what was kept was read otherwise");
    files.delete(&key).await?;
    anyhow::ensure!(files.head(&key).await?.is_none(), "what was removed is still there");
    Ok(match files.kind() {
        "s3" => "the bucket keeps files",
        _ => "the folder keeps files",
    }
    .to_owned())
}

async fn check_tenants(server: &Server) -> anyhow::Result<String> {
    let tenants = list_tenants(server).await?;
    let mut ill = vec![];
    for tenant in &tenants {
        if tenant.state == tenant::State::Active {
            let master = &server.services.master;
            let loaded = Operator::new(&server.services, tenant.id)
                .read(async |tx| key::load(tx, master, None).await)
                .await;
            if let Err(error) = loaded {
                ill.push(format!("{} ({}): {error:#}", tenant.name, tenant.id));
            }
        }
    }
    anyhow::ensure!(ill.is_empty(), "{}", ill.join("; "));
    Ok(match tenants.len() {
        0 => "none yet; the first start makes the default one".to_owned(),
        count => format!("{count}, and their keys open"),
    })
}
