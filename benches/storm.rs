//! A storm of sign-ins: how many get through against the bare rate of argon2 on this machine, and
//! what everybody else notices of it.
//!
//! Bare hashes and sign-ins take turns, round by round, so that what else the machine does hits
//! both. Then ten times as many sign-ins are sent as there can be hashes, while somebody reads
//! their profile. Each request goes through the whole server but the socket.
//! `cargo bench --bench storm`, and for PostgreSQL `scripts/with-postgres cargo bench --bench storm`.

use argon2::{Algorithm, Argon2, Block, Params, Version};
use poem::{Endpoint, Request, Response, http::Method};
use serde_json::{Value, json};
use std::{
    sync::{
        Arc,
        atomic::{AtomicUsize, Ordering},
    },
    time::{Duration, Instant},
};
use tenantry::{app::routes, config::Config, kit::clock::Clock, server::Server};

const PASSWORD: &str = "a password for the bench";
/// People who sign in, each at most once at a time.
const PEOPLE: usize = 256;
/// Short, so that both of a round meet the same machine, and many.
const ROUND: Duration = Duration::from_secs(1);
const ROUNDS: usize = 25;
const STORM: Duration = Duration::from_secs(10);
/// Until what was begun has ended and hash threads have given their memory back.
const IDLE: Duration = Duration::from_secs(8);
/// How often the bare rate of hashes the storm comes.
const TIMES: f64 = 10.0;

fn main() {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .expect("a runtime");
    runtime.block_on(run());
}

#[expect(clippy::disallowed_methods, reason = "where the database is, as for the tests")]
async fn run() {
    let directory = tempfile::tempdir().expect("a directory");
    let config = Config {
        data_dir: directory.path().to_owned(),
        database_url: std::env::var("TEST_DATABASE_URL").ok(),
        master_key: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        admin_password: Some(PASSWORD.to_owned()),
        ..Config::default()
    };
    let (app, _) = Server::start(config, Clock::default()).await.expect("a server");
    let server = Arc::new(routes(&app));
    let token = sign_in(&*server, "admin").await.1["accessToken"]
        .as_str()
        .expect("a token")
        .to_owned();
    for person in 0..PEOPLE {
        let new =
            json!({ "name": name(person), "email": format!("{}@example.com", name(person)), "password": PASSWORD });
        let made = ask(
            &*server,
            Method::POST,
            "/apis/console/v1alpha1/users",
            Some(&token),
            Some(&new),
        )
        .await;
        assert_eq!(made.0, 200, "{}", made.1);
    }
    let (mut bare, mut signed_in) = (vec![], vec![]);
    for _ in 0..ROUNDS {
        bare.push(hashes());
        signed_in.push(sign_ins(&server).await);
    }
    let mut ratios: Vec<f64> = signed_in.iter().zip(&bare).map(|(ours, bare)| ours / bare).collect();
    ratios.sort_unstable_by(f64::total_cmp);
    let (bare, signed_in) = (median(bare), median(signed_in));
    say(&format!(
        "bare argon2id {bare:.1} a second, sign-ins {signed_in:.1} a second: {:.3} (quarters {:.2} and {:.2})",
        ratios[ROUNDS / 2],
        ratios[ROUNDS / 4],
        ratios[ROUNDS * 3 / 4]
    ));
    let calm = profile(&server, &token, IDLE).await;
    say(&format!("a profile, calm:  {}", quantiles(calm)));
    storm(&server, &token, bare * TIMES).await;
    app.close().await;
}

fn say(text: &str) {
    use std::io::Write;
    let mut out = std::io::stdout();
    writeln!(out, "{text}").expect("output");
}

fn name(person: usize) -> String {
    format!("person-{person}")
}

/// Hashes a second on all cores with nothing around them.
fn hashes() -> f64 {
    let threads = std::thread::available_parallelism().expect("cores").get();
    let (made, begun) = (AtomicUsize::new(0), Instant::now());
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                let params = Params::new(19_456, 2, 1, None).expect("parameters");
                // More than 32 MiB at once is given back whole, and does not count as the server's.
                let mut memory = Vec::with_capacity(33 * 1024);
                memory.resize(params.block_count(), Block::default());
                let hasher = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
                while begun.elapsed() < ROUND {
                    let mut output = [0; 32];
                    hasher
                        .hash_password_into_with_memory(
                            PASSWORD.as_bytes(),
                            b"0123456789abcdef",
                            &mut output,
                            &mut memory,
                        )
                        .expect("a hash");
                    made.fetch_add(1, Ordering::Relaxed);
                }
            });
        }
    });
    rate(made.into_inner(), begun)
}

#[expect(clippy::cast_precision_loss, reason = "far below 2^52")]
fn rate(made: usize, begun: Instant) -> f64 {
    made as f64 / begun.elapsed().as_secs_f64()
}

/// Sign-ins a second of people who come as fast as they are answered.
async fn sign_ins<E: Endpoint<Output = Response> + 'static>(server: &Arc<E>) -> f64 {
    let (made, begun) = (Arc::new(AtomicUsize::new(0)), Instant::now());
    let people = (0..8).map(|first| {
        let (server, made) = (server.clone(), made.clone());
        tokio::spawn(async move {
            let mut person = first;
            while begun.elapsed() < ROUND {
                let (status, body) = sign_in(&*server, &name(person)).await;
                assert_eq!(status, 200, "{body}");
                made.fetch_add(1, Ordering::Relaxed);
                person = (person + 8) % PEOPLE;
            }
        })
    });
    for person in people.collect::<Vec<_>>() {
        person.await.expect("nobody panics");
    }
    rate(made.load(Ordering::Relaxed), begun)
}

/// Sends so many sign-ins a second, whatever becomes of them, and reads a profile meanwhile.
async fn storm<E: Endpoint<Output = Response> + 'static>(server: &Arc<E>, token: &str, a_second: f64) {
    let before = resident();
    let statuses: Arc<[AtomicUsize; 3]> = Arc::default();
    let (begun, reader) = (Instant::now(), {
        let (server, token) = (server.clone(), token.to_owned());
        tokio::spawn(async move { profile(&server, &token, STORM).await })
    });
    let mut tick = tokio::time::interval(Duration::from_secs_f64(1.0 / a_second));
    tick.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Burst);
    let (mut sent, mut highest) = (0, 0);
    while begun.elapsed() < STORM {
        tick.tick().await;
        let (server, statuses, person) = (server.clone(), statuses.clone(), sent % PEOPLE);
        sent += 1;
        tokio::spawn(async move {
            let (status, body) = sign_in(&*server, &name(person)).await;
            let kind = match status {
                200 => 0,
                503 | 429 => 1,
                _ => 2,
            };
            assert!(kind != 1 || body["retry"] != "", "an excess without Retry-After");
            statuses[kind].fetch_add(1, Ordering::Relaxed);
        });
        if sent % 500 == 0 {
            highest = highest.max(resident());
        }
    }
    let seconds = begun.elapsed().as_secs_f64();
    let read = reader.await.expect("nobody panics");
    let [signed_in, excess, other] = [0, 1, 2].map(|kind| statuses[kind].load(Ordering::Relaxed));
    say(&format!(
        "storm of {sent} in {seconds:.1} s: {signed_in} signed in, {excess} told to come back, {other} otherwise"
    ));
    say(&format!("a profile, storm: {}", quantiles(read)));
    let after = resident();
    profile(server, token, IDLE).await;
    say(&format!(
        "resident MiB before {before}, highest {highest}, after {after}, idle {}",
        resident()
    ));
}

/// How long each reading of one's own profile takes, one every 5 ms.
async fn profile<E: Endpoint<Output = Response>>(server: &Arc<E>, token: &str, time: Duration) -> Vec<Duration> {
    let (begun, mut took) = (Instant::now(), vec![]);
    let mut tick = tokio::time::interval(Duration::from_millis(5));
    while begun.elapsed() < time {
        tick.tick().await;
        let asked = Instant::now();
        let (status, body) = ask(
            &**server,
            Method::GET,
            "/apis/console/v1alpha1/users/-",
            Some(token),
            None,
        )
        .await;
        assert_eq!(status, 200, "{body}");
        took.push(asked.elapsed());
    }
    took
}

fn quantiles(mut took: Vec<Duration>) -> String {
    took.sort_unstable();
    let at = |part: usize| took[(took.len() - 1) * part / 1000];
    format!(
        "p50 {:.1?}, p99 {:.1?}, p99.9 {:.1?} of {}",
        at(500),
        at(990),
        at(999),
        took.len()
    )
}

fn median(mut rates: Vec<f64>) -> f64 {
    rates.sort_unstable_by(f64::total_cmp);
    f64::midpoint(rates[(rates.len() - 1) / 2], rates[rates.len() / 2])
}

/// Memory of this process that is in use, in MiB.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let kib = line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok());
    kib.unwrap_or(0) / 1024
}

async fn sign_in<E: Endpoint<Output = Response>>(server: &E, name: &str) -> (u16, Value) {
    let given = json!({ "username": name, "password": PASSWORD });
    ask(server, Method::POST, "/v1/login", None, Some(&given)).await
}

async fn ask<E: Endpoint<Output = Response>>(
    server: &E,
    method: Method,
    path: &str,
    token: Option<&str>,
    body: Option<&Value>,
) -> (u16, Value) {
    let mut request = Request::builder().method(method).uri(path.parse().expect("a path"));
    if let Some(token) = token {
        request = request.header("authorization", format!("Bearer {token}"));
    }
    let request = match body {
        Some(body) => request.content_type("application/json").body(body.to_string()),
        None => request.finish(),
    };
    let response = server.call(request).await.expect("an answer");
    let status = response.status().as_u16();
    let retry = response.headers().get("retry-after").cloned();
    let bytes = response.into_body().into_bytes().await.expect("a body");
    let mut body: Value = serde_json::from_slice(&bytes).unwrap_or_default();
    if let (Some(body), true) = (body.as_object_mut(), matches!(status, 429 | 503)) {
        let retry = retry.map(|value| value.to_str().unwrap_or_default().to_owned());
        body.insert("retry".to_owned(), retry.unwrap_or_default().into());
    }
    (status, body)
}
