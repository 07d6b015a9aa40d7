/** What stands in place of the console while the server cannot be reached at its very start. */
import { Button, Container, Stack, Text, Title } from '@mantine/core';

export function StartFailed() {
  return (
    <Container component="main" size="xs" py="xl">
      <Stack align="flex-start">
        <Title order={1}>The server cannot be reached</Title>
        <Text>Sign-in settings could not be loaded.</Text>
        <Button onClick={() => location.reload()}>Try again</Button>
      </Stack>
    </Container>
  );
}
