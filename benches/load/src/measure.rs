//! The closed loop: each connection sends its next request when it has the answer to the one before.

use crate::{
    client::find,
    cpu,
    scenario::{self, STORM, Scenario, Source},
    stats::{per_second, quantile},
    target::{CORE, PASSWORD, Target, pinned},
};
use anyhow::{Context, bail};
use argon2::{Algorithm, Argon2, Block, Params, Version};
use serde_json::{Value, json};
use std::time::{Duration, Instant};
use tokio::task::JoinHandle;

/// Where this program runs.
pub(crate) const OWN_CORE: usize = 1;

/// For how long.
#[derive(Clone, Copy)]
pub(crate) struct Time {
    pub(crate) warm_up: Duration,
    pub(crate) measured: Duration,
}

/// What one round of a scenario was for one server.
pub(crate) struct Round {
    pub(crate) rate: f64,
    pub(crate) p50: Duration,
    pub(crate) p99: Duration,
    pub(crate) p999: Duration,
    /// What a request took of the server's core.
    pub(crate) cpu: Duration,
    /// The part of its core that this program had: what is near to 1 measures the load and not the server.
    pub(crate) load: f64,
    /// The part of the two cores that others had meanwhile, the larger of both.
    pub(crate) others: f64,
}

impl Round {
    pub(crate) fn json(&self) -> Value {
        let micros = |time: Duration| time.as_secs_f64() * 1e6;
        json!({
            "perSecond": self.rate,
            "p50Micros": micros(self.p50),
            "p99Micros": micros(self.p99),
            "p999Micros": micros(self.p999),
            "cpuMicros": micros(self.cpu),
            "load": self.load,
            "others": self.others,
        })
    }
}

/// What a processor's time went to, at one moment.
struct Clocks {
    at: Instant,
    server: Duration,
    own: Duration,
    cores: [Duration; 2],
}

impl Clocks {
    fn read(target: &Target) -> anyhow::Result<Self> {
        Ok(Self {
            at: Instant::now(),
            server: target.cpu()?,
            own: cpu::of(std::process::id())?,
            cores: [cpu::busy(CORE)?, cpu::busy(OWN_CORE)?],
        })
    }

    /// The part of the cores' time since then that went to others.
    fn others(&self, then: &Self, is_alone: bool) -> f64 {
        let time = self.at.duration_since(then.at).as_secs_f64();
        let own = [
            self.server.saturating_sub(then.server),
            self.own.saturating_sub(then.own),
        ];
        let part = |core: usize| {
            let busy = self.cores[core].saturating_sub(then.cores[core]);
            busy.saturating_sub(own[core]).as_secs_f64() / time
        };
        // A database beside the server is no stranger.
        match is_alone {
            true => part(0).max(part(1)),
            false => part(1),
        }
    }
}

/// One round. Any answer but the expected one is an error: a refusal is no throughput.
pub(crate) async fn round(
    scenario: &Scenario,
    target: &Target,
    sources: &mut Vec<Source>,
    time: Time,
) -> anyhow::Result<Round> {
    let begin = Instant::now() + time.warm_up;
    let end = begin + time.measured;
    let storm = match scenario.storm {
        true => {
            start(
                target,
                scenario::turns(scenario::storm(), STORM),
                begin,
                end,
                200,
                "oken",
            )
            .await?
        }
        false => vec![],
    };
    let (status, mark) = (scenario.status, scenario.mark);
    let loops = start(target, std::mem::take(sources), begin, end, status, mark).await?;
    tokio::time::sleep_until(begin.into()).await;
    let before = Clocks::read(target)?;
    tokio::time::sleep_until(end.into()).await;
    let after = Clocks::read(target)?;
    let mut times = vec![];
    for one in loops {
        let (source, took) = one
            .await?
            .with_context(|| format!("{} of {}", scenario.name, target.name))?;
        sources.push(source);
        times.extend(took);
    }
    for one in storm {
        one.await?.context("the storm")?;
    }
    times.sort_unstable();
    anyhow::ensure!(
        !times.is_empty(),
        "{} of {}: no answer in time",
        scenario.name,
        target.name
    );
    let cpu = after.server.saturating_sub(before.server);
    let load = after.own.saturating_sub(before.own);
    Ok(Round {
        rate: per_second(times.len(), time.measured),
        p50: quantile(&times, 500),
        p99: quantile(&times, 990),
        p999: quantile(&times, 999),
        cpu: cpu.div_f64(per_second(times.len(), Duration::from_secs(1))),
        load: load.as_secs_f64() / time.measured.as_secs_f64(),
        others: after.others(&before, target.is_alone),
    })
}

type Loop = JoinHandle<anyhow::Result<(Source, Vec<Duration>)>>;

/// Starts a loop for each source. Answers that come from `begin` to `end` count.
async fn start(
    target: &Target,
    sources: Vec<Source>,
    begin: Instant,
    end: Instant,
    status: u16,
    mark: &'static str,
) -> anyhow::Result<Vec<Loop>> {
    let mut loops = vec![];
    for mut source in sources {
        let mut connection = target.connect().await?;
        loops.push(tokio::spawn(async move {
            let (mut times, mut looked) = (vec![], false);
            let mut asked = Instant::now();
            while asked < end {
                let got = connection.send(source.request()).await?;
                let answered = Instant::now();
                let body = connection.body();
                if got != status || !(looked || find(body, mark.as_bytes()).is_some()) {
                    bail!("{got} {}", String::from_utf8_lossy(body));
                }
                looked = true;
                source.learn(body)?;
                if answered >= begin && answered < end {
                    times.push(answered - asked);
                }
                asked = Instant::now();
            }
            Ok((source, times))
        }));
    }
    Ok(loops)
}

/// Bare hashes a second on the servers' core, made by another process there.
pub(crate) fn bare(time: Time) -> anyhow::Result<f64> {
    let output = pinned(&std::env::current_exe()?)
        .args(["--bare", &time.measured.as_secs_f64().to_string()])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    text.trim().parse().context("no rate of bare hashes")
}

/// Bare hashes a second: of the server's parameters, with nothing around them.
pub(crate) fn hashes(time: Duration) -> anyhow::Result<f64> {
    let params = Params::new(19_456, 2, 1, None).map_err(|error| anyhow::anyhow!("{error}"))?;
    let mut memory = vec![Block::default(); params.block_count()];
    let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
    let (mut made, begun, mut output) = (0, Instant::now(), [0; 32]);
    while begun.elapsed() < time {
        let password = PASSWORD.as_bytes();
        hasher
            .hash_password_into_with_memory(password, b"0123456789abcdef", &mut output, &mut memory)
            .map_err(|error| anyhow::anyhow!("{error}"))?;
        made += 1;
    }
    Ok(per_second(made, begun.elapsed()))
}
