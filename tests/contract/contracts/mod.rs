//! The contracts that the product was asked for: each operation, called at the path and with every media type that its
//! document says, does what it is for. `docs/contracts.md` is written from the record of the calls;
//! `INSTA_UPDATE=always` writes it anew.

use super::{
    Operation, operations_of,
    statements::{
        given::{self, Given, Scene},
        path_of, request_of,
    },
};
use crate::{
    groups::grpc::Call,
    support::{Reply, TestApp},
};
use reqwest::Method;
use std::{collections::HashMap, fmt::Write, path::Path};
use tenantry_proto::zitadel::auth::v1::VerifyMyEmailRequest;

mod bodies;

/// What they are, a line each.
const LIST: &str = include_str!("list.txt");
/// How many.
const COUNT: usize = 78;
/// No media type.
const NONE: &str = "-";
/// The answer is of the type that the request is of.
const SAME: &str = "same";

/// A contract.
struct Contract {
    group: &'static str,
    /// What its document calls it.
    name: &'static str,
    /// What the documents here call it.
    id: &'static str,
    method: Method,
    path: &'static str,
    takes: Vec<&'static str>,
    answers: &'static str,
    status: u16,
}

impl Contract {
    fn of(line: &'static str) -> Self {
        let fields: Vec<_> = line.split(" | ").collect();
        let [group, name, id, method, path, takes, answers, status] = fields[..] else {
            panic!("not a contract: {line}")
        };
        Self {
            group,
            name,
            id,
            method: method.parse().unwrap(),
            path,
            takes: takes.split(' ').collect(),
            answers,
            status: status.parse().unwrap(),
        }
    }

    fn answer_to(&self, takes: &'static str) -> &'static str {
        if self.answers == SAME { takes } else { self.answers }
    }
}

fn contracts() -> Vec<Contract> {
    let lines = LIST.lines().filter(|line| !line.starts_with('#'));
    lines.map(Contract::of).collect()
}

/// What was answered to a call.
struct Answered {
    status: u16,
    kind: String,
}

/// The media type of an answer, without parameters.
fn kind_of(value: &str) -> String {
    match value.split(';').next().unwrap_or_default() {
        "" => NONE.to_owned(),
        kind => kind.to_owned(),
    }
}

/// Calls an operation as its document says, in a tenant of its own.
async fn call(app: &TestApp, tenant: &str, contract: &Contract, operation: &Operation, takes: &str) -> Answered {
    let owner = app.tenant(tenant).await.owner().await;
    let scene = Scene { owner };
    let given = match bodies::documented(&scene, contract.group, contract.id).await {
        Some(given) => given,
        None => given::given(&scene, operation).await,
    };
    let path = path_of(contract.path, &given);
    if takes.starts_with("application/grpc") {
        return call_by_grpc(&given, path, takes).await;
    }
    let mut request = request_of(operation, &path, &given);
    if given.body.is_null() && takes != NONE && !takes.starts_with("multipart/") {
        request = request.header("content-type", takes);
    }
    let reply = given.by.send(request).await;
    app.work().await;
    judged(contract, &reply);
    Answered {
        status: reply.status.as_u16(),
        kind: kind_of(reply.header("content-type")),
    }
}

/// Some say in the body that they failed.
fn judged(contract: &Contract, reply: &Reply) {
    let failed = reply.json()["success"] == false;
    assert!(!failed, "{} {}: {}", contract.method, contract.path, reply.text);
}

async fn call_by_grpc(given: &Given<'_>, path: String, takes: &str) -> Answered {
    let code = given.body["code"].as_str().unwrap().to_owned();
    let mut call = Call::new("", &VerifyMyEmailRequest { code }).with("content-type", takes);
    call.path = path;
    let answer = call.send(&given.by).await;
    answer.check();
    Answered {
        status: answer.status,
        kind: kind_of(answer.header("content-type")),
    }
}

/// A line of the page.
fn row(contract: &Contract) -> String {
    let code = |word: &str| match word {
        NONE => String::new(),
        word => format!("`{word}`"),
    };
    let takes: Vec<_> = contract.takes.iter().map(|takes| code(takes)).collect();
    let answers: Vec<_> = contract
        .takes
        .iter()
        .map(|takes| code(contract.answer_to(takes)))
        .collect();
    format!(
        "| {} | `{}` | `{} {}` | {} | {} | {} |",
        contract.name,
        contract.id,
        contract.method,
        contract.path,
        takes.join("<br>"),
        answers.join("<br>"),
        contract.status,
    )
}

/// The page that says what was called.
fn page(called: &[Contract]) -> String {
    let mut page = format!(
        "# Contracts\n\nThe {COUNT} operations that the product was asked for, as their documents have them. The test \
         `contract::contracts::each_operation_does_what_its_document_says`\n(`tests/contract/contracts`) calls each at \
         this path with each of these media types, on both databases, and has written\nthis page from its record: nothing \
         is here that did not answer with this status and this media type.\n`INSTA_UPDATE=always` renews it.\n"
    );
    let mut group = "";
    for contract in called {
        if contract.group != group {
            group = contract.group;
            let head = "| documented as | operation | method and path | request | answer | status |\n|---|---|---|---|---|---|";
            write!(page, "\n## {group}\n\n{head}\n").unwrap();
        }
        writeln!(page, "{}", row(contract)).unwrap();
    }
    page
}

#[tokio::test]
async fn each_operation_does_what_its_document_says() {
    let app = TestApp::start_with(|config| config.open_tenants = 1_000).await;
    let documents = tenantry::groups::documents();
    let operations: HashMap<_, _> = documents
        .iter()
        .flat_map(|document| operations_of(document))
        .map(|operation| ((operation.document, operation.id().to_owned()), operation))
        .collect();
    let mut called = vec![];
    for (number, contract) in contracts().into_iter().enumerate() {
        let operation = &operations[&(contract.group, contract.id.to_owned())];
        for (at, takes) in contract.takes.iter().enumerate() {
            let tenant = format!("tenant-{number}-{at}");
            let answered = call(&app, &tenant, &contract, operation, takes).await;
            let (status, kind) = (answered.status, answered.kind.as_str());
            let is_kind = [NONE, kind].contains(&contract.answer_to(takes));
            assert!(
                status == contract.status && is_kind,
                "{} {} {takes}: {status} {kind}",
                contract.method,
                contract.path
            );
        }
        called.push(contract);
    }
    assert_eq!(called.len(), COUNT);
    let written = page(&called);
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/contracts.md");
    if std::env::var("INSTA_UPDATE").is_ok_and(|update| update == "always") {
        std::fs::write(&file, &written).unwrap();
    }
    let committed = std::fs::read_to_string(&file).unwrap_or_default();
    assert!(
        committed == written,
        "docs/contracts.md is stale: INSTA_UPDATE=always renews it"
    );
}
