/** Access key that AWS clients sign with; nothing checks it here, but every client needs one. */
export interface AwsIdentity {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
}
