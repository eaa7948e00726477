/** What CloudFormation asks of a custom resource, by way of the CDK's provider framework. */
export interface CustomResourceEvent<Properties> {
  readonly RequestType: 'Create' | 'Update' | 'Delete';
  /** Absent at creation. */
  readonly PhysicalResourceId?: string;
  readonly ResourceProperties: Properties;
}

export interface CustomResource<Data> {
  readonly PhysicalResourceId: string;
  readonly Data?: Data;
}

/** One for each stack, and never another: a new id would have CloudFormation delete the old one. */
const ID = 'provisioned';

export function isCustomResource<Properties>(event: object): event is CustomResourceEvent<Properties> {
  return 'RequestType' in event;
}

/**
 * Answers the framework, which tells CloudFormation. Nothing is deleted: data outlives the stack, and what would have to be
 * read for a deletion may be gone already.
 * @throws what `provision` throws, which the framework reports as the failure of the resource
 */
export async function resourceOf<Properties, Data>(
  { RequestType, PhysicalResourceId = ID, ResourceProperties }: CustomResourceEvent<Properties>,
  provision: (properties: Properties) => Promise<Data>,
): Promise<CustomResource<Data>> {
  if (RequestType === 'Delete') return { PhysicalResourceId };
  return { PhysicalResourceId, Data: await provision(ResourceProperties) };
}
