//! What lists of users and their codes cost in tenants of a thousand, a hundred thousand and a
//! million users.
//!
//! Each request goes through the whole server but the socket. The tenants are filled in the
//! database itself and asked in turn, round by round, so that what else the machine does hits all
//! of them. `cargo bench --bench growth`, and for PostgreSQL
//! `scripts/with-postgres cargo bench --bench growth`; other sizes: `… --bench growth -- 1000,50000`.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use load::filling::Database;
use poem::{Endpoint, Request, RequestBuilder, Response, http::Method};
use serde_json::{Value, json};
use std::{
    io::Write,
    time::{Duration, Instant},
};
use tenantry::{
    app::routes,
    config::Config,
    kit::{clock::Clock, id::TenantId, text::DisplayName},
    server::Server,
    tenant::{self, Owner},
};

const PASSWORD: &str = "a password for the bench";
/// Requests of one kind to one tenant in a round, and rounds.
const REQUESTS: usize = 40;
const ROUNDS: usize = 7;

async fn call(server: &impl Endpoint<Output = Response>, request: Request) -> Value {
    let (status, body) = ask(server, request).await;
    assert_eq!(status, 200, "{body}");
    body
}

async fn ask(server: &impl Endpoint<Output = Response>, request: Request) -> (u16, Value) {
    let response = server.call(request).await.expect("an answer");
    let status = response.status();
    let body = response.into_body().into_vec().await.expect("a body");
    (status.as_u16(), serde_json::from_slice(&body).expect("JSON"))
}

async fn sign_in(server: &impl Endpoint<Output = Response>, name: &str) -> String {
    let given = json!({ "username": "admin", "password": PASSWORD });
    let request = send(Method::POST, &format!("/t/{name}/v1/login"));
    let tokens = call(server, request.body(given.to_string())).await;
    tokens["accessToken"].as_str().expect("a token").to_owned()
}

fn get(path: &str, token: &str) -> Request {
    let request = Request::builder().uri(path.parse().expect("a path"));
    request.header("authorization", format!("Bearer {token}")).finish()
}

fn send(method: Method, path: &str) -> RequestBuilder {
    let request = Request::builder().method(method);
    request
        .uri(path.parse().expect("a path"))
        .content_type("application/json")
}

/// Takes the limits out of the way.
async fn unlimit(server: &impl Endpoint<Output = Response>, name: &str, token: &str) {
    let path = format!("/t/{name}/apis/console/v1alpha1/policies/limits");
    let mut policy = call(server, get(&path, token)).await;
    for (_, limit) in policy["spec"].as_object_mut().expect("limits") {
        if limit["seconds"].is_number() {
            *limit = json!({ "most": 1_000_000, "seconds": 1 });
        }
    }
    let request = send(Method::PUT, &path).header("authorization", format!("Bearer {token}"));
    call(server, request.body(json!({ "spec": policy["spec"] }).to_string())).await;
}

/// What is asked of a server.
enum What {
    /// A list with this query, which finds at least so many.
    List(String, usize),
    /// A code, to be mailed to somebody.
    Code,
    /// Whether a code is somebody's. It never is.
    Try,
}

impl What {
    /// The request for the user of this number, by an owner.
    fn request(&self, users: usize, number: usize, token: &str) -> Request {
        let person = json!({
            "email": format!("user-{:07}@example.test", number % users + 1),
            "purpose": "reset_password",
            "code": "wrong!",
        });
        let post = |path: &str| send(Method::POST, &format!("/t/t{users}/v1/email/{path}")).body(person.to_string());
        match self {
            Self::List(query, _) => get(
                &format!("/t/t{users}/apis/console/v1alpha1/users?size=20{query}"),
                token,
            ),
            Self::Code => post("send-verification"),
            Self::Try => post("verify"),
        }
    }

    fn is_answer(&self, status: u16, body: &Value) -> bool {
        match self {
            Self::List(_, least) => body["items"].as_array().is_some_and(|found| found.len() >= *least),
            Self::Code => status == 200,
            Self::Try => body["details"][0]["reason"] == "code_invalid",
        }
    }
}

/// What is asked of a tenant of so many users.
fn kinds(users: usize) -> Vec<(&'static str, What)> {
    let middle = users / 2;
    let end = (1_767_225_600 + i64::try_from(middle).unwrap_or_default()) * 1_000_000;
    let order = json!(["users/CreatedAt-/Id-", [end, format!("usr_{middle:032x}")]]);
    let cursor = URL_SAFE_NO_PAD.encode(order.to_string());
    let by_name = json!([
        "users/Name+/Id+",
        [format!("user-{middle:07}"), format!("usr_{middle:032x}")]
    ]);
    let by_name = URL_SAFE_NO_PAD.encode(by_name.to_string());
    let list = |query: &str, least| What::List(query.to_owned(), least);
    vec![
        ("first page", list("", 20)),
        ("deep page by cursor", list(&format!("&cursor={cursor}"), 20)),
        (
            "deep page by name",
            list(&format!("&sort=metadata.name,asc&cursor={by_name}"), 20),
        ),
        ("keyword of one", list(&format!("&keyword=GIVEN{middle:07}"), 1)),
        ("keyword of all", list("&keyword=example", 20)),
        ("address", list(&format!("&keyword=user-{middle:07}@example.test"), 1)),
        ("role of one in a hundred", list("&role=support", 10)),
        (
            "unverified, one in a hundred",
            list("&fieldSelector=spec.emailVerified%3Dfalse", 10),
        ),
        ("code asked for", What::Code),
        ("wrong code", What::Try),
    ]
}

fn median(mut times: Vec<Duration>) -> Duration {
    times.sort_unstable();
    times[times.len() / 2]
}

async fn run(config: Config, sizes: &[usize]) {
    let mut out = std::io::stdout();
    let mut say = |line: String| writeln!(out, "{line}").expect("output");
    let (app, _) = Server::start(config.clone(), Clock::default()).await.expect("a start");
    let server = routes(&app);
    let mut tokens = vec![];
    for users in sizes {
        let name = format!("t{users}");
        let owner = Owner::new("admin", "admin@localhost", Some(PASSWORD));
        let display_name: DisplayName = name.parse().expect("a name");
        tenant::provision(
            &app.services,
            &app.passwords,
            &name,
            &display_name,
            owner.expect("an owner"),
            async |_| Ok(()),
        )
        .await
        .expect("a tenant");
        let token = sign_in(&server, &name).await;
        let me = call(&server, get(&format!("/t/{name}/auth/v1/users/me"), &token)).await;
        let id = me["user"]["details"]["resourceOwner"].as_str();
        let id: TenantId = id.and_then(|id| id.parse().ok()).expect("an id");
        let begun = Instant::now();
        let database = Database::of(
            &id.0.simple().to_string(),
            &config.data_dir,
            config.database_url.as_deref(),
        );
        database.fill(*users).await.expect("a filling");
        say(format!("{name}: filled in {:.1} s", begun.elapsed().as_secs_f64()));
        unlimit(&server, &name, &token).await;
        tokens.push(token);
    }
    let columns: Vec<String> = sizes.iter().map(|users| format!("{users:>10}")).collect();
    say(format!("\n{:<30} {}  ratio", "median in µs", columns.concat()));
    for (kind, (title, ..)) in kinds(1_000).into_iter().enumerate() {
        let medians = compare(&server, sizes, &tokens, kind).await;
        let cells: Vec<String> = medians.iter().map(|micros| format!("{micros:>10.0}")).collect();
        let ratio = medians.last().unwrap_or(&0.0) / medians[0];
        say(format!("{title:<30} {}  {ratio:.2}", cells.concat()));
    }
    app.close().await;
}

/// The median time of one kind of request in each tenant, in microseconds.
async fn compare(
    server: &impl Endpoint<Output = Response>,
    sizes: &[usize],
    tokens: &[String],
    kind: usize,
) -> Vec<f64> {
    let mut rounds = vec![vec![]; sizes.len()];
    for round in 0..=ROUNDS {
        for (at, users) in sizes.iter().enumerate() {
            let (_, what) = kinds(*users).swap_remove(kind);
            let mut times = vec![];
            for number in round * REQUESTS..(round + 1) * REQUESTS {
                let request = what.request(*users, number, &tokens[at]);
                let begun = Instant::now();
                let (status, body) = ask(server, request).await;
                times.push(begun.elapsed());
                assert!(what.is_answer(status, &body), "{status}: {body}");
            }
            // The first round warms up.
            if round > 0 {
                rounds[at].push(median(times));
            }
        }
    }
    let micros = |times| median(times).as_secs_f64() * 1e6;
    rounds.into_iter().map(micros).collect()
}

#[expect(clippy::disallowed_methods, reason = "where the database is, as for the tests")]
fn main() {
    let sizes = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let sizes = sizes.unwrap_or_else(|| "1000,100000,1000000".to_owned());
    let sizes: Vec<usize> = sizes
        .split(',')
        .map(|size| size.parse().expect("sizes are numbers"))
        .collect();
    let directory = tempfile::tempdir().expect("a directory");
    let server = std::env::var("TEST_DATABASE_URL").ok();
    let config = Config {
        data_dir: directory.path().to_owned(),
        // The database that the script made with the server.
        database_url: server.map(|server| format!("{server}/tenantry")),
        master_key: Some("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA".to_owned()),
        log: "warn".to_owned(),
        ..Config::default()
    };
    let runtime = tokio::runtime::Runtime::new().expect("a runtime");
    runtime.block_on(run(config, &sizes));
}
