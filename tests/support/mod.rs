//! What tests stand on: a server of their own with an empty database and a clock they move.
pub(crate) mod bounce;
pub(crate) mod browser;
pub(crate) mod database;
pub(crate) mod dns;
pub(crate) mod documented;
pub(crate) mod issuer;
pub(crate) mod limits;
pub(crate) mod program;
pub(crate) mod receiver;
pub(crate) mod relay;
pub(crate) mod roles;
pub(crate) mod s3;
pub(crate) mod siteverify;
pub(crate) mod smtp;
pub(crate) mod statements;

use database::Database;
use reqwest::{Method, StatusCode, header::HeaderMap};
use sea_orm::{ConnectionTrait, EntityTrait, Statement};
use serde_json::{Value, json};
use std::time::Duration;
use tenantry::{
    app,
    config::Config,
    context::Operator,
    job,
    kit::{
        clock::Clock,
        db::{Mode, SystemTx, Tx},
        serve,
    },
    server::Server,
    tenant::{self, Owner},
    worker,
};

/// The password of everybody in the tests.
pub(crate) const PASSWORD: &str = "correct horse battery staple";

/// A server in this process. The jobs it queues are done when [`TestApp::work`] says so; one that
/// is left at the end fails the test.
pub(crate) struct TestApp {
    pub(crate) app: Server,
    pub(crate) clock: Clock,
    pub(crate) base: String,
    http: reqwest::Client,
    database: Database,
}

impl TestApp {
    /// A server on an empty database, with the built-in mailbox.
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    /// A server on an empty database with this configuration.
    pub(crate) async fn start_with(configure: impl FnOnce(&mut Config)) -> Self {
        let database = Database::create().await;
        let mut config = Config {
            admin_password: Some(PASSWORD.to_owned()),
            smtp_ports: vec![*smtp::PORT],
            dns_servers: vec![dns::USUAL.address],
            ..database.config()
        };
        configure(&mut config);
        let clock = Clock::manual();
        let (app, base) = serve(config, clock.clone()).await;
        let app = Self {
            app,
            clock,
            base,
            http: client(),
            database,
        };
        app.forget_keys(tenant::DEFAULT).await;
        app
    }

    /// Takes the job from the queue that looks after the keys of a tenant an hour after its founding and
    /// then on: what other tests are about goes on for days of their clocks. See [`TestApp::mind_keys`].
    async fn forget_keys(&self, name: &str) {
        let id = self.app.find_tenant(name).await.unwrap().unwrap().id;
        let services = &self.app.services;
        let jobs = async |tx: &Tx| {
            job::entity::Entity::delete_many().exec(tx).await?;
            Ok(())
        };
        Operator::new(services, id).write("", "", jobs).await.unwrap();
        let lines = async |tx: &SystemTx| {
            let sql = "delete from todo where tenant_id = $1";
            let line = Statement::from_sql_and_values(tx.get_database_backend(), sql, [id.0.into()]);
            tx.execute_raw(line).await?;
            Ok(())
        };
        services.db.run_system(Mode::Write, lines).await.unwrap();
    }

    /// Has the job look after the keys of the only tenant from now on, as it does where no test forgot it.
    pub(crate) async fn mind_keys(&self) {
        let id = self.app.find_tenant(tenant::DEFAULT).await.unwrap().unwrap().id;
        let add = async |tx: &Tx| job::add(tx, "rotate-signing-keys", json!({})).await;
        Operator::new(&self.app.services, id).write("", "", add).await.unwrap();
        self.work().await;
    }

    /// Starts another server beside this one, on the same database, and returns where it is.
    /// Only PostgreSQL lets two.
    pub(crate) async fn start_another(&self) -> String {
        serve(self.app.config.clone(), self.clock.clone()).await.1
    }

    /// Stops this server and starts one on the same database.
    pub(crate) async fn restart(&mut self) {
        self.app.close().await;
        let config = self.app.config.clone();
        (self.app, self.base) = serve(config, self.clock.clone()).await;
    }

    /// The tenant that exists from the start.
    pub(crate) fn default_tenant(&self) -> Tenant<'_> {
        Tenant {
            app: self,
            base: self.base.clone(),
        }
    }

    /// A tenant of this name with an owner `admin`, founded beside the running server.
    pub(crate) async fn tenant(&self, name: &str) -> Tenant<'_> {
        let owner = Owner::new("admin", "admin@localhost", Some(PASSWORD)).unwrap();
        let display_name = name.parse().unwrap();
        let (services, passwords) = (&self.app.services, &self.app.passwords);
        let made = tenant::provision(services, passwords, name, &display_name, owner, async |_| Ok(()));
        assert!(made.await.unwrap());
        self.forget_keys(name).await;
        Tenant {
            app: self,
            base: format!("{}/t/{name}", self.base),
        }
    }

    /// The tenant below this path, which is there already.
    pub(crate) fn tenant_at(&self, path: &str) -> Tenant<'_> {
        Tenant {
            app: self,
            base: format!("{}{path}", self.base),
        }
    }

    /// Does every job that is due.
    pub(crate) async fn work(&self) -> usize {
        self.app.work_off(&worker::jobs(&self.app)).await.unwrap()
    }

    /// Runs a query for one number on the only tenant's tables.
    pub(crate) async fn count(&self, sql: &str) -> i64 {
        self.database.count_in_tenant(sql).await
    }

    /// Runs SQL statements on the tables that belong to no tenant.
    pub(crate) async fn execute_in_system(&self, sql: &str) {
        self.database.execute(sql).await;
    }

    /// Runs SQL statements on the only tenant's tables.
    pub(crate) async fn execute(&self, sql: &str) {
        self.database.execute_in_tenant(sql).await;
    }

    /// Keeps everybody from writing to this table of the only tenant, with SQLite to any, as long
    /// as the answer lives.
    pub(crate) async fn hold(&self, table: &str) -> Box<dyn Send> {
        self.database.hold(table).await
    }

    /// A connection of an operator to PostgreSQL.
    pub(crate) async fn connect_postgres(&self) -> sqlx::PgConnection {
        self.database.connect_postgres().await
    }

    /// Everything in the database, as text.
    pub(crate) async fn dump(&self) -> String {
        self.database.dump().await
    }

    /// Moves the clock.
    pub(crate) fn advance(&self, seconds: i64) {
        self.clock.advance(chrono::TimeDelta::seconds(seconds));
    }
}

impl Drop for TestApp {
    fn drop(&mut self) {
        let left = self.database.end_at(self.clock.now());
        if !std::thread::panicking() {
            assert_eq!(left, 0, "jobs were left in the queue: call work() or abandon_jobs()");
        }
    }
}

impl TestApp {
    /// Says that jobs may be left at the end of this test.
    pub(crate) fn abandon_jobs(&mut self) {
        self.database.jobs_may_be_left = true;
    }
}

/// Starts a server of this process on a free port, and returns where it is.
async fn serve(config: Config, clock: Clock) -> (Server, String) {
    let listener = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    let listen = address.to_string();
    let (app, _) = Server::start(Config { listen, ..config }, clock).await.unwrap();
    serve_on(listener, &app);
    (app, format!("http://{address}"))
}

/// Lets a server answer on a listener of its own.
pub(crate) fn serve_on(listener: std::net::TcpListener, app: &Server) {
    listener.set_nonblocking(true).unwrap();
    let listener = tokio::net::TcpListener::from_std(listener).unwrap();
    let limits = app.config.limits(1 << 20);
    let never = std::future::pending();
    tokio::spawn(serve::run(listener, app::routes(app), limits, never, Duration::ZERO));
}

/// A client that follows nothing, keeps nothing, trusts nobody by https, and asks no proxy.
pub(crate) fn client() -> reqwest::Client {
    reqwest::Client::builder()
        .redirect(reqwest::redirect::Policy::none())
        .no_proxy()
        .tls_certs_only([])
        .build()
        .unwrap()
}

/// A tenant, seen from outside.
#[derive(Clone)]
pub(crate) struct Tenant<'a> {
    pub(crate) app: &'a TestApp,
    pub(crate) base: String,
}

impl<'a> Tenant<'a> {
    /// Nobody in particular.
    pub(crate) fn anybody(&self) -> Person<'a> {
        Person {
            tenant: self.clone(),
            name: String::new(),
            tokens: Value::Null,
        }
    }

    /// The first owner, signed in.
    pub(crate) async fn owner(&self) -> Person<'a> {
        self.sign_in("admin").await
    }

    /// Signs this user in.
    pub(crate) async fn sign_in(&self, name: &str) -> Person<'a> {
        let given = json!({ "username": name, "password": PASSWORD });
        let tokens = self.anybody().post("/v1/login", &given).await.expect(200);
        Person {
            tenant: self.clone(),
            name: name.to_owned(),
            tokens,
        }
    }

    /// Signs somebody up as `<name>@example.com`, unproven, and in. The mail waits for `work`.
    pub(crate) async fn sign_up(&self, name: &str) -> Person<'a> {
        let new = json!({ "username": name, "email": format!("{name}@example.com"), "password": PASSWORD });
        self.anybody().post("/v1/register", &new).await.expect(200);
        self.sign_in(name).await
    }

    /// The same with a proven address.
    pub(crate) async fn sign_up_proven(&self, name: &str) -> Person<'a> {
        let person = self.sign_up(name).await;
        let given = json!({ "code": self.code_to(&format!("{name}@example.com")).await });
        person.post("/auth/v1/users/me/email/_verify", &given).await.expect(200);
        person
    }

    /// Does the jobs that are due and returns the messages to this address, newest first.
    pub(crate) async fn mail_to(&self, address: &str) -> Vec<Mail> {
        self.app.work().await;
        self.owner().await.inbox(address).await
    }

    /// The code of the newest message to this address.
    pub(crate) async fn code_to(&self, address: &str) -> String {
        self.mail_to(address)
            .await
            .first()
            .expect("a message to the address")
            .code()
    }
}

/// A message of the built-in mailbox.
#[derive(Debug)]
pub(crate) struct Mail(pub(crate) Value);

impl Mail {
    pub(crate) fn subject(&self) -> &str {
        self.0["spec"]["subject"].as_str().unwrap()
    }

    pub(crate) fn text(&self) -> &str {
        self.0["spec"]["text"].as_str().unwrap()
    }

    /// The address of the page its text links to, below the tenant's.
    pub(crate) fn link(&self) -> String {
        let is_link = |word: &&str| word.contains("/login/") && word.contains("token=");
        let link = self
            .text()
            .split_whitespace()
            .find(is_link)
            .expect("a link in the text");
        link[link.find("/login/").unwrap()..].to_owned()
    }

    /// The token of the link in its text.
    pub(crate) fn token(&self) -> String {
        let (_, rest) = self.text().split_once("?token=").expect("a link in the text");
        rest.split_whitespace().next().unwrap().to_owned()
    }

    /// The six digits in its text.
    pub(crate) fn code(&self) -> String {
        code_in(self.text())
    }
}

/// How many want one thing at once.
pub(crate) const CROWD: usize = 50;

/// Rounds of those: as many as `RACE_ROUNDS` says. A thousand want `cargo test`, which has no clock.
pub(crate) fn rounds() -> usize {
    std::env::var("RACE_ROUNDS").map_or(5, |rounds| rounds.parse().expect("RACE_ROUNDS is a number"))
}

/// A port nobody listens at, below those that the kernel gives to a socket that asks for any. Another
/// test that wants one hardly takes the same.
pub(crate) fn free_port() -> u16 {
    loop {
        let port = 20_000 + u16::from_le_bytes(tenantry::kit::secret::random()) % 12_000;
        if std::net::TcpListener::bind(("127.0.0.1", port)).is_ok() {
            return port;
        }
    }
}

/// The line of six digits in a text.
pub(crate) fn code_in(text: &str) -> String {
    let is_code = |line: &&str| line.len() == 6 && line.bytes().all(|b| b.is_ascii_digit());
    text.lines()
        .map(str::trim)
        .find(is_code)
        .expect("a code in the text")
        .to_owned()
}

/// Whether a text tells this code: the six digits by themselves, for an id may have them in it.
pub(crate) fn tells_code(text: &str, code: &str) -> bool {
    text.split(|c: char| !c.is_alphanumeric()).any(|word| word == code)
}

/// Another code than this one.
pub(crate) fn wrong(code: &str) -> String {
    let last = if code.ends_with('0') { '1' } else { '0' };
    format!("{}{last}", &code[..5])
}

/// Somebody who sends requests.
#[derive(Clone)]
pub(crate) struct Person<'a> {
    pub(crate) tenant: Tenant<'a>,
    pub(crate) name: String,
    /// What sign-in answered; null for nobody in particular.
    pub(crate) tokens: Value,
}

impl Person<'_> {
    pub(crate) async fn get(&self, path: &str) -> Reply {
        self.send(self.request(Method::GET, path)).await
    }

    pub(crate) async fn delete(&self, path: &str) -> Reply {
        self.send(self.request(Method::DELETE, path)).await
    }

    pub(crate) async fn post(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::POST, path).json(body)).await
    }

    pub(crate) async fn put(&self, path: &str, body: &Value) -> Reply {
        self.send(self.request(Method::PUT, path).json(body)).await
    }

    /// The messages that were sent to this address, newest first, as an owner sees them.
    pub(crate) async fn inbox(&self, address: &str) -> Vec<Mail> {
        const MESSAGES: &str = "/apis/console/v1alpha1/messages";
        let list = self.get(&format!("{MESSAGES}?size=200")).await.expect(200);
        let mut mails = vec![];
        for item in list["items"].as_array().unwrap() {
            if item["spec"]["to"] == address {
                let name = item["metadata"]["name"].as_str().unwrap();
                mails.push(Mail(self.get(&format!("{MESSAGES}/{name}")).await.expect(200)));
            }
        }
        mails
    }

    /// A request to be filled by hand, with this person's access token.
    pub(crate) fn request(&self, method: Method, path: &str) -> reqwest::RequestBuilder {
        let request = self
            .tenant
            .app
            .http
            .request(method, format!("{}{path}", self.tenant.base));
        match self.tokens["accessToken"].as_str() {
            Some(token) => request.bearer_auth(token),
            None => request,
        }
    }

    pub(crate) async fn send(&self, request: reqwest::RequestBuilder) -> Reply {
        let request = request.build().unwrap();
        let (method, url) = (request.method().clone(), request.url().clone());
        let response = self.tenant.app.http.execute(request).await.unwrap();
        let (status, headers) = (response.status(), response.headers().clone());
        let text = response.text().await.unwrap();
        let reply = Reply { status, headers, text };
        let path = url.as_str().strip_prefix(&self.tenant.base);
        documented::check(&method, path.unwrap_or_default(), &reply);
        reply
    }
}

/// An answer, read whole.
#[derive(Debug)]
pub(crate) struct Reply {
    pub(crate) status: StatusCode,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
}

impl Reply {
    /// The body, if the status is this one.
    #[track_caller]
    pub(crate) fn expect(self, status: u16) -> Value {
        assert_eq!(self.status.as_u16(), status, "{}", self.text);
        self.json()
    }

    /// The status, and the code of a problem.
    pub(crate) fn problem(&self) -> (u16, String) {
        let code = self.json()["code"].as_str().unwrap_or_default().to_owned();
        (self.status.as_u16(), code)
    }

    /// The body, if the status and the stable code are these. Knows every dialect.
    #[track_caller]
    pub(crate) fn expect_problem(self, status: u16, code: &str) -> Value {
        let body = self.expect(status);
        let detail = &body["details"][0];
        let is_said = body["code"] == *code || detail["id"] == *code || detail["reason"] == *code.to_ascii_uppercase();
        assert!(is_said, "expected {code}: {body}");
        body
    }

    pub(crate) fn json(&self) -> Value {
        if self.text.is_empty() {
            return Value::Null;
        }
        serde_json::from_str(&self.text).unwrap_or_else(|_| Value::String(self.text.clone()))
    }

    pub(crate) fn header(&self, name: &str) -> &str {
        self.headers
            .get(name)
            .map(|value| value.to_str().unwrap())
            .unwrap_or_default()
    }
}
