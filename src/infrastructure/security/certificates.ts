import "reflect-metadata";
import { webcrypto } from "node:crypto";
import { isIP } from "node:net";
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  SubjectKeyIdentifierExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";

const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const day = 24 * 3_600_000;
/** The days that the authority of an installation is valid, and the certificate of its server. */
const authorityDays = 3_650;
export const certificateDays = 398;

/** The names that this machine has for itself. */
const loopback = ["localhost", "127.0.0.1", "::1"];

const newKeys = () => webcrypto.subtle.generateKey(algorithm, true, ["sign", "verify"]);

const pemOf = async (key: webcrypto.CryptoKey): Promise<string> =>
  PemConverter.encode(await webcrypto.subtle.exportKey("pkcs8", key), "PRIVATE KEY");

/** A certificate and its key, as PEM. */
export interface Certified {
  readonly certificate: string;
  readonly key: string;
}

const from = () => new Date(Date.now() - 60_000);
const until = (days: number) => new Date(Date.now() + days * day);

/** Makes the authority that signs the certificates of an installation's servers. */
export const newAuthority = async (): Promise<Certified> => {
  const keys = await newKeys();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=CIM Leaf installation",
    keys,
    signingAlgorithm: algorithm,
    notBefore: from(),
    notAfter: until(authorityDays),
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.cRLSign, true),
      await SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await pemOf(keys.privateKey) };
};

/** Makes a certificate for a server with these names and addresses. It is also valid on the server's own machine. */
export const newServerCertificate = async (authority: Certified, hosts: ReadonlyArray<string>): Promise<Certified> => {
  const signingKey = await webcrypto.subtle.importKey(
    "pkcs8",
    PemConverter.decodeFirst(authority.key),
    algorithm,
    false,
    ["sign"],
  );
  const keys = await newKeys();
  const alternatives = [...new Set([...loopback, ...hosts])].map((value) => ({
    type: isIP(value) === 0 ? ("dns" as const) : ("ip" as const),
    value,
  }));
  const certificate = await X509CertificateGenerator.create({
    subject: "CN=nats-server",
    issuer: new X509Certificate(authority.certificate).subject,
    signingKey,
    publicKey: keys.publicKey,
    signingAlgorithm: algorithm,
    notBefore: from(),
    notAfter: until(certificateDays),
    extensions: [
      new BasicConstraintsExtension(false, undefined, true),
      new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
      new ExtendedKeyUsageExtension([ExtendedKeyUsage.serverAuth, ExtendedKeyUsage.clientAuth]),
      new SubjectAlternativeNameExtension(alternatives),
    ],
  });
  return { certificate: certificate.toString("pem"), key: await pemOf(keys.privateKey) };
};
