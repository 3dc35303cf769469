//! A client that knows nothing but what server reflection tells it, as grpcurl does: requests and answers are JSON.

use std::collections::{BTreeMap, BTreeSet};
use std::net::SocketAddr;
use std::str::FromStr;

use prost_reflect::prost::Message as _;
use prost_reflect::prost_types::FileDescriptorProto;
use prost_reflect::{DescriptorPool, DynamicMessage, MessageDescriptor};
use serde_json::Value;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::codegen::http::uri::PathAndQuery;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Response, Status};
use tonic_reflection::pb::v1::server_reflection_client::ServerReflectionClient;
use tonic_reflection::pb::v1::server_reflection_request::MessageRequest;
use tonic_reflection::pb::v1::server_reflection_response::MessageResponse;
use tonic_reflection::pb::v1::{ServerReflectionRequest, ServerReflectionResponse};

/// A service, as far as reflection shows it.
pub(crate) struct Reflected {
    pub(crate) services: BTreeSet<String>,
    pool: DescriptorPool,
    channel: Channel,
}

impl Reflected {
    /// Asks a server what it offers.
    pub(crate) async fn of(address: SocketAddr) -> Self {
        let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy();
        let mut client = ServerReflectionClient::new(channel.clone());
        let listed = ask(&mut client, MessageRequest::ListServices(String::new())).await;
        let Some(MessageResponse::ListServicesResponse(list)) = listed.message_response else {
            panic!("no list")
        };
        let services: BTreeSet<String> = list.service.into_iter().map(|service| service.name).collect();
        let mut files = BTreeMap::new();
        let mut wanted: Vec<_> = services.iter().cloned().map(MessageRequest::FileContainingSymbol).collect();
        while let Some(request) = wanted.pop() {
            let answer = ask(&mut client, request).await;
            let Some(MessageResponse::FileDescriptorResponse(found)) = answer.message_response else {
                panic!("no file: {answer:?}")
            };
            for bytes in found.file_descriptor_proto {
                let file = FileDescriptorProto::decode(bytes.as_slice()).unwrap();
                let missing = file.dependency.iter().filter(|name| !files.contains_key(*name));
                wanted.extend(missing.cloned().map(MessageRequest::FileByFilename));
                files.insert(file.name().to_owned(), file);
            }
        }
        let mut pool = DescriptorPool::new();
        pool.add_file_descriptor_protos(files.into_values()).unwrap();
        Self { services, pool, channel }
    }

    /// Calls `package.Service/Method`.
    pub(crate) async fn call(&self, method: &str, request: Value) -> Result<Value, Status> {
        let (service, name) = method.split_once('/').unwrap();
        let service = self.pool.get_service_by_name(service).expect("a service that reflection shows");
        let found = service.methods().find(|method| method.name() == name).expect("a method of the service");
        let request = DynamicMessage::deserialize(found.input(), request).unwrap();
        let mut grpc = Grpc::new(self.channel.clone());
        grpc.ready().await.map_err(|error| Status::unavailable(error.to_string()))?;
        let path = PathAndQuery::from_str(&format!("/{method}")).unwrap();
        let answer = grpc.unary(Request::new(request), path, Dynamic(found.output())).await?;
        Ok(serde_json::to_value(answer.into_inner()).unwrap())
    }
}

async fn ask(
    client: &mut ServerReflectionClient<Channel>,
    request: MessageRequest,
) -> ServerReflectionResponse {
    let request = ServerReflectionRequest { host: String::new(), message_request: Some(request) };
    let answers = client.server_reflection_info(tokio_stream::once(request)).await;
    answers.map(Response::into_inner).unwrap().message().await.unwrap().unwrap()
}

/// Encodes any message, and decodes those of one type.
struct Dynamic(MessageDescriptor);

impl Codec for Dynamic {
    type Encode = DynamicMessage;
    type Decode = DynamicMessage;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        Self(self.0.clone())
    }

    fn decoder(&mut self) -> Self {
        Self(self.0.clone())
    }
}

impl Encoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn encode(&mut self, message: DynamicMessage, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        message.encode(buffer).map_err(|error| Status::internal(error.to_string()))
    }
}

impl Decoder for Dynamic {
    type Item = DynamicMessage;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<DynamicMessage>, Status> {
        let message = DynamicMessage::decode(self.0.clone(), buffer);
        message.map(Some).map_err(|error| Status::internal(error.to_string()))
    }
}
