//! An answer takes as long for an account that is there as for one that is not.
//!
//! Times are taken in turns, so that whatever else the machine does meets both alike; the first
//! ones are not counted. `TIMING_PAIRS` says how many there are, where there is time for more.
//!
//! A difference is one if two samples in a row show it. Of the samples that are taken in a run of
//! the whole suite one shows a difference by chance now and then; a leak is in each.

use super::statistics::{median, rank_test, sign_test, spread};
use crate::support::limits::{CONSOLE, SEND, set_limits};
use crate::support::{PASSWORD, Person, Tenant, TestApp, database::is_postgres};
use serde_json::{Value, json};
use std::{ops::Range, time::Instant};

/// Pairs of answers that take a password hash.
const SLOW: usize = 60;
/// Pairs of others.
const QUICK: usize = 200;
/// Pairs before those that count.
const WARM_UP: usize = 6;
/// Milliseconds between the quarters of a sample beyond which the machine is busy otherwise.
const NOISE: f64 = 5.0;
/// A sample shows a difference if one as large comes by chance less often than this. What is said
/// of each sample has the figure, for a judgement at any other level.
const CHANCE: f64 = 1e-3;
/// Answers that differ by less than this part of their time are alike.
const ALIKE: f64 = 0.03;

async fn time(who: &Person<'_>, path: &str, body: &Value, status: u16) -> f64 {
    let begun = Instant::now();
    let reply = who.post(path, body).await;
    let taken = begun.elapsed().as_secs_f64() * 1000.0;
    assert_eq!(reply.status, status, "{}", reply.text);
    taken
}

/// Asks about somebody and about nobody in turns and judges the times. `bodies` makes both of the
/// number of the pair.
async fn compare(
    tenant: &Tenant<'_>,
    (path, status): (&str, u16),
    pairs: usize,
    bodies: impl Fn(usize) -> (Value, Value),
) {
    let pairs = std::env::var("TIMING_PAIRS").map_or(pairs, |pairs| pairs.parse().expect("TIMING_PAIRS is a number"));
    let first = sample(tenant, (path, status), 0..WARM_UP + pairs, &bodies).await;
    if let Err(first) = judge(path, &first) {
        let numbers = WARM_UP + pairs..2 * (WARM_UP + pairs);
        let second = sample(tenant, (path, status), numbers, &bodies).await;
        if let Err(second) = judge(path, &second) {
            panic!("{first}\n{second}");
        }
    }
}

/// Times of answers about somebody and about nobody.
struct Sample {
    known: Vec<f64>,
    unknown: Vec<f64>,
}

/// The times of the pairs of these numbers, but for the first ones.
async fn sample(
    tenant: &Tenant<'_>,
    (path, status): (&str, u16),
    numbers: Range<usize>,
    bodies: &impl Fn(usize) -> (Value, Value),
) -> Sample {
    let anybody = tenant.anybody();
    let (mut known, mut unknown) = (vec![], vec![]);
    for pair in numbers.clone() {
        if path == "/v1/login" {
            // More passwords are wrong than are free.
            tenant.app.advance(3601);
        }
        let (somebody, nobody) = bodies(pair);
        // The second request may find what the first one left in a cache.
        let (of_somebody, of_nobody) = if pair % 2 == 0 {
            let first = time(&anybody, path, &somebody, status).await;
            (first, time(&anybody, path, &nobody, status).await)
        } else {
            let first = time(&anybody, path, &nobody, status).await;
            (time(&anybody, path, &somebody, status).await, first)
        };
        if pair >= numbers.start + WARM_UP {
            known.push(of_somebody);
            unknown.push(of_nobody);
        }
    }
    Sample { known, unknown }
}

/// `Err` with the figures if a sample shows a difference.
#[expect(clippy::print_stdout, reason = "the times are what a judgement is made of")]
fn judge(what: &str, Sample { known, unknown }: &Sample) -> Result<(), String> {
    let difference = median(known) - median(unknown);
    let (ranks, signs) = (rank_test(known, unknown), sign_test(known, unknown));
    let ratios: Vec<_> = known
        .iter()
        .zip(unknown)
        .map(|(known, unknown)| known / unknown)
        .collect();
    let ratio = median(&ratios);
    let said = format!(
        "{what}: {:.2} ms and {:.2} ms, ranks p = {ranks:.4}, pairs p = {signs:.4}, median of ratios {ratio:.3}",
        median(known),
        median(unknown)
    );
    println!("{said}");
    let is_busy = spread(unknown) > NOISE || spread(known) > NOISE;
    let is_far = !is_busy && difference.abs() >= 5.0;
    // On a busy machine only the two of a pair met the same load.
    let is_alike = (ratio - 1.0).abs() < ALIKE || (is_busy && signs > CHANCE);
    match is_far || (ranks <= CHANCE && !is_alike) {
        true => Err(said),
        false => Ok(()),
    }
}

/// A tenant with limits that are out of the way, and with users that have proven their address
/// (`vera`), have not (`ulla`), and were disabled (`dora`).
async fn populated(tenant: &Tenant<'_>) {
    let owner = tenant.owner().await;
    for (name, verified) in [("vera", true), ("ulla", false), ("dora", true)] {
        let user = json!({ "name": name, "email": format!("{name}@example.com"), "password": PASSWORD, "mustChangePassword": false });
        owner.post(&format!("{CONSOLE}/users"), &user).await.expect(200);
        let email = json!({ "email": format!("{name}@example.com"), "verified": verified });
        let set = owner.put(&format!("{CONSOLE}/users/{name}/email"), &email).await;
        set.expect(200);
    }
    owner
        .post(&format!("{CONSOLE}/users/dora/disable"), &json!({}))
        .await
        .expect(200);
    let policy = owner.get(crate::support::limits::LIMITS).await.expect(200);
    let limits = policy["spec"].as_object().unwrap();
    let out_of_the_way = |limit: &Value| match limit["free"] {
        Value::Null => json!({ "most": 1_000_000, "seconds": 2_592_000 }),
        _ => json!({ "free": 100, "most": 1_000 }),
    };
    let changes = limits.iter().map(|(name, limit)| (name.clone(), out_of_the_way(limit)));
    set_limits(&owner, changes.collect()).await;
    tenant.app.work().await;
}

/// Gives somebody codes that have ended, more than anybody can ask for while they are kept.
async fn had_many_codes(app: &TestApp, login: &str) {
    let id = match is_postgres() {
        true => "gen_random_uuid()",
        false => "randomblob(16)",
    };
    let columns = "purpose, user_id, address, address_key, language, tries_left, created_at, expires_at, ended_at";
    app.execute(&format!(
        "insert into verification (id, {columns})
            with recursive numbers(number) as (select 1 union all select number + 1 from numbers where number < 3000)
            select {id}, 'verify_email', user_id, address, address_key, 'en', 5, created_at, created_at, created_at
            from numbers, email where address_key = '{login}@example.com'"
    ))
    .await;
    let ended =
        format!("select count(*) from verification where address_key = '{login}@example.com' and tries_left = 5");
    assert_eq!(app.count(&ended).await, 3000);
}

async fn start() -> TestApp {
    let mut app = TestApp::start().await;
    // What asks for a mail queues one, for nobody as well.
    app.abandon_jobs();
    populated(&app.default_tenant()).await;
    app
}

fn pair(login: &str, body: impl Fn(&str) -> Value) -> impl Fn(usize) -> (Value, Value) {
    let (somebody, nobody) = (body(login), body("none"));
    move |_| (somebody.clone(), nobody.clone())
}

#[tokio::test]
async fn a_wrong_password_takes_as_long_for_somebody_as_for_nobody() {
    let app = start().await;
    let given = |login: &str| json!({ "username": login, "password": crate::support::limits::BAD });
    let tenant = app.default_tenant();
    compare(&tenant, ("/v1/login", 401), SLOW, pair("vera", given)).await;
}

#[tokio::test]
async fn the_right_password_of_who_is_disabled_takes_as_long_as_that_of_nobody() {
    let app = start().await;
    let given = |login: &str| json!({ "email": format!("{login}@example.com"), "password": PASSWORD });
    let tenant = app.default_tenant();
    compare(&tenant, ("/v1/login", 401), SLOW, pair("dora", given)).await;
}

#[tokio::test]
async fn the_right_password_of_who_has_proven_nothing_takes_as_long_as_that_of_nobody() {
    let app = start().await;
    let tenant = app.default_tenant();
    let policy = json!({ "spec": { "mode": "open", "verifyBeforeSignIn": true } });
    let owner = tenant.owner().await;
    owner
        .put(&format!("{CONSOLE}/policies/sign-up"), &policy)
        .await
        .expect(200);
    // A caller who gave the right password may as well know that a mail was written.
    let given = |login: &str| json!({ "username": login, "password": crate::support::limits::BAD });
    compare(&tenant, ("/v1/login", 401), SLOW, pair("ulla", given)).await;
}

#[tokio::test]
async fn asking_for_another_password_takes_as_long_for_somebody_as_for_nobody() {
    let app = start().await;
    let tenant = app.default_tenant();
    let asked = |login: &str| json!({ "email": format!("{login}@example.com") });
    for login in ["vera", "dora"] {
        had_many_codes(&app, login).await;
        compare(&tenant, ("/v1/password/reset", 200), QUICK, pair(login, asked)).await;
    }
}

#[tokio::test]
async fn asking_for_another_password_takes_as_long_in_the_accounts_group() {
    let app = start().await;
    let tenant = app.default_tenant();
    let asked = |login: &str| json!({ "email": format!("{login}@example.com") });
    compare(&tenant, ("/api/auth/reset-password", 200), QUICK, pair("vera", asked)).await;
}

#[tokio::test]
async fn asking_for_a_code_takes_as_long_for_somebody_as_for_nobody() {
    let app = start().await;
    let tenant = app.default_tenant();
    let of = |purpose: &'static str| move |login: &str| json!({ "email": format!("{login}@example.com"), "purpose": purpose });
    had_many_codes(&app, "ulla").await;
    compare(&tenant, (SEND, 200), QUICK, pair("ulla", of("verify_email"))).await;
    compare(&tenant, (SEND, 200), QUICK, pair("vera", of("register"))).await;
}

#[tokio::test]
async fn signing_up_takes_as_long_with_an_address_that_has_an_account() {
    let app = start().await;
    let tenant = app.default_tenant();
    let new = |name: String, address: String| json!({ "username": name, "email": address, "password": PASSWORD });
    compare(&tenant, ("/v1/register", 200), SLOW, |pair| {
        let known = new(format!("a{pair:03}"), "vera@example.com".to_owned());
        (known, new(format!("b{pair:03}"), format!("n{pair:03}@example.com")))
    })
    .await;
}

#[tokio::test]
async fn a_wrong_code_takes_as_long_for_somebody_as_for_nobody() {
    let app = start().await;
    let tenant = app.default_tenant();
    let anybody = tenant.anybody();
    for login in ["vera", "none"] {
        let ask = json!({ "email": format!("{login}@example.com"), "purpose": "reset_password" });
        anybody.post(SEND, &ask).await.expect(200);
    }
    app.work().await;
    let given =
        |login: &str| json!({ "email": format!("{login}@example.com"), "purpose": "reset_password", "code": "000000" });
    compare(
        &tenant,
        (crate::support::limits::VERIFY, 400),
        QUICK,
        pair("vera", given),
    )
    .await;
}
