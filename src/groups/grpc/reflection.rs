//! Server reflection: which services there are, and the files of `proto/` that they are made of. It is for tools, belongs to
//! no tenant, and is off unless the operator wants it.

use super::{Messages, call::Call};
use crate::{
    kit::error::{Code, Error, Result},
    server::Server,
};
use futures_util::{StreamExt, future::BoxFuture, stream};
use poem::Request;
use std::{collections::HashMap, sync::LazyLock};
// The messages of `v1alpha` are the same.
use tenantry_proto::{
    DESCRIPTORS, DescriptorProto, FileDescriptorProto, FileDescriptorSet, Message,
    grpc::reflection::v1::{
        ErrorResponse, ExtensionNumberResponse, FileDescriptorResponse, ListServiceResponse, ServerReflectionRequest,
        ServerReflectionResponse, ServiceResponse, server_reflection_request::MessageRequest as Question,
        server_reflection_response::MessageResponse as Answer,
    },
};

/// What the service is called, in its version and in the one that older tools know.
pub(super) const SERVICES: [&str; 2] = [
    "grpc.reflection.v1.ServerReflection",
    "grpc.reflection.v1alpha.ServerReflection",
];
/// The code of what there is not.
const NOT_FOUND: i32 = 5;

/// Answers each question as it comes.
pub(super) fn tell(request: Request) -> BoxFuture<'static, Result<Messages>> {
    Box::pin(async move {
        let server = request.data::<Server>();
        let is_on = server.is_some_and(|server| server.config.grpc_reflection);
        if !is_on || !request.uri().path().ends_with("/ServerReflectionInfo") {
            return Err(Error::from(Code::NotYet));
        }
        let questions = Call::new(request).messages()?;
        let answers = stream::try_unfold(questions, |mut questions| async move {
            let Some(question) = questions.next().await? else {
                return Ok(None);
            };
            let asked = ServerReflectionRequest::decode(&question[..]);
            let answer = FILES.answer(asked.map_err(|_| Code::Malformed)?);
            Ok(Some((answer.encode_to_vec(), questions)))
        });
        Ok(answers.boxed())
    })
}

/// The files that services are made of, and what is in them.
static FILES: LazyLock<Files> = LazyLock::new(|| {
    let set = FileDescriptorSet::decode(DESCRIPTORS).expect("the build wrote it");
    Files::of(set.file)
});

#[derive(Default)]
struct Files {
    /// Each by its name.
    named: HashMap<String, Vec<u8>>,
    /// The name of the file that has something, by the full name of that.
    places: HashMap<String, String>,
    services: Vec<String>,
}

impl Files {
    fn of(files: Vec<FileDescriptorProto>) -> Self {
        let mut all = Self::default();
        for mut file in files {
            // Lines and comments, which are for compilers.
            file.source_code_info = None;
            all.named.insert(file.name().to_owned(), file.encode_to_vec());
            for service in &file.service {
                let name = all.note(&file, file.package(), service.name());
                for method in &service.method {
                    all.note(&file, &name, method.name());
                }
                all.services.push(name);
            }
            for message in &file.message_type {
                all.note_message(&file, file.package(), message);
            }
            for one in &file.enum_type {
                all.note(&file, file.package(), one.name());
            }
        }
        all.services.sort();
        all
    }

    fn note_message(&mut self, file: &FileDescriptorProto, within: &str, message: &DescriptorProto) {
        let name = self.note(file, within, message.name());
        for nested in &message.nested_type {
            self.note_message(file, &name, nested);
        }
        for one in &message.enum_type {
            self.note(file, &name, one.name());
        }
    }

    fn note(&mut self, file: &FileDescriptorProto, within: &str, name: &str) -> String {
        let full = format!("{within}.{name}");
        self.places.insert(full.clone(), file.name().to_owned());
        full
    }

    fn answer(&self, asked: ServerReflectionRequest) -> ServerReflectionResponse {
        let answer = match &asked.message_request {
            Some(Question::FileByFilename(name)) => self.file(Some(name)),
            Some(Question::FileContainingSymbol(symbol)) => self.file(self.places.get(symbol)),
            Some(Question::AllExtensionNumbersOfType(name)) if self.places.contains_key(name) => {
                Answer::AllExtensionNumbersResponse(ExtensionNumberResponse {
                    base_type_name: name.clone(),
                    extension_number: vec![],
                })
            }
            Some(Question::ListServices(_)) => {
                let services = self.services.iter().cloned();
                Answer::ListServicesResponse(ListServiceResponse {
                    service: services.map(|name| ServiceResponse { name }).collect(),
                })
            }
            // Nothing here is extended.
            Some(Question::FileContainingExtension(_) | Question::AllExtensionNumbersOfType(_)) | None => not_found(),
        };
        ServerReflectionResponse {
            valid_host: asked.host.clone(),
            original_request: Some(asked),
            message_response: Some(answer),
        }
    }

    /// A file; those that it imports are asked for by their names.
    fn file(&self, name: Option<&String>) -> Answer {
        match name.and_then(|name| self.named.get(name)) {
            Some(file) => Answer::FileDescriptorResponse(FileDescriptorResponse {
                file_descriptor_proto: vec![file.clone()],
            }),
            None => not_found(),
        }
    }
}

fn not_found() -> Answer {
    Answer::ErrorResponse(ErrorResponse {
        error_code: NOT_FOUND,
        error_message: "There is nothing of this name.".to_owned(),
    })
}
