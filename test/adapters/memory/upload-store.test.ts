import { MemoryUploadStore } from '../../../src/adapters/memory/upload-store.ts';
import { uploadStoreContract } from '../../contracts/upload-store.contract.ts';

uploadStoreContract('MemoryUploadStore', async () => new MemoryUploadStore());
