// The published clients of gRPC-Web in a browser, as a page of another site has them.
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { createClient } from "@connectrpc/connect";
import { createGrpcWebTransport } from "@connectrpc/connect-web";
import { AuthService } from "@zitadel/proto/zitadel/auth_pb.js";
import { GrpcWebClientBase, MethodDescriptor, MethodType } from "grpc-web";

/** Sees who is signed in, by Connect. */
async function connect(baseUrl, token) {
  const client = createClient(AuthService, createGrpcWebTransport({ baseUrl }));
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const { user } = await client.getMyUser({}, { headers });
  return user.userName;
}

/** The same by the client of gRPC-Web itself, in one of its formats. */
async function grpcWeb(baseUrl, token, format) {
  const { input, output } = AuthService.method.getMyUser;
  const path = `/${AuthService.typeName}/GetMyUser`;
  const method = new MethodDescriptor(
    path,
    MethodType.UNARY,
    Object,
    Object,
    (message) => toBinary(input, message),
    (bytes) => fromBinary(output, bytes),
  );
  const client = new GrpcWebClientBase({ format });
  const metadata = token ? { authorization: `Bearer ${token}` } : {};
  const { user } = await client.unaryCall(baseUrl + path, create(input), metadata, method);
  return user.userName;
}

const clients = {
  connect,
  text: (baseUrl, token) => grpcWeb(baseUrl, token, "text"),
  binary: (baseUrl, token) => grpcWeb(baseUrl, token, "binary"),
};

/** What a client answers: a name, or the code and the words of its error. */
window.ask = async (client, baseUrl, token) => {
  try {
    return await clients[client](baseUrl, token);
  } catch (error) {
    return [error.code, error.rawMessage ?? error.message];
  }
};
document.title = "Ready";
